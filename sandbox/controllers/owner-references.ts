import type { KubernetesClient } from "../../kubernetes/client.ts";
import { isNotFound } from "../../kubernetes/errors.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject, ObjectReference } from "../../kubernetes/object.ts";
import type { ControllerContext } from "./context.ts";
import { ownerOf, removeFinalizer } from "./metadata.ts";

const RELEASE_LABEL = "helm.toolkit.fluxcd.io/name";
const FINALIZER = "nutanixcluster/infrastructure.cluster.x-k8s.io";

type NutanixCluster = KubernetesObject<{
  prismCentral?: { credentialRef?: { name: string }; additionalTrustBundle?: { kind?: string; name?: string } };
}>;

/**
 * Makes the NutanixCluster of a release the owner of the Secret and the trust bundle that it references, as CAPX does: they are deleted
 * with it.
 */
export async function addCapxOwner(client: KubernetesClient, namespace: string, release: string): Promise<void> {
  // From the server: it was applied a moment ago.
  const labelSelector = `${RELEASE_LABEL}=${release}`;
  const [cluster] = await client.list<NutanixCluster>({ ...KINDS.NutanixCluster, namespace }, { labelSelector });
  if (!cluster) return;
  const owner = ownerOf(cluster);
  for (const reference of referencesOf(cluster)) {
    const object = await client.get(reference);
    if (!object || object.metadata.ownerReferences?.some(({ uid }) => uid === owner.uid)) continue;
    const { finalizers = [], ownerReferences = [] } = object.metadata;
    const more = reference.kind === "Secret" ? [FINALIZER] : [];
    await client.merge(reference, {
      metadata: { finalizers: [...finalizers, ...more], ownerReferences: [...ownerReferences, owner] },
    });
  }
}

/**
 * Deletes what a NutanixCluster owned: this release's, and any that is deleted already, since a foreground deletion removes the
 * NutanixCluster first.
 */
export async function removeCapxOwner(
  { client, informers }: Pick<ControllerContext, "client" | "informers">,
  namespace: string,
  release: string,
): Promise<void> {
  // By the label that Flux adds, as kcm finds it: the chart decides the name.
  const others = informers.nutanixClusters.items.filter(({ metadata }) => metadata.labels?.[RELEASE_LABEL] !== release);
  const uids = new Set(others.map(({ metadata }) => metadata.uid));
  for (const object of [...informers.secrets.items, ...informers.configMaps.items]) {
    const { ownerReferences = [] } = object.metadata;
    const owner = ownerReferences.find(({ kind, uid }) => kind === "NutanixCluster" && !uids.has(uid));
    if (object.metadata.namespace !== namespace || owner === undefined) continue;
    // A watch may tell of a new cluster's Secret before it tells of the cluster.
    const cluster = await client.get({ ...KINDS.NutanixCluster, metadata: { name: owner.name, namespace } });
    if (cluster?.metadata.uid === owner.uid && cluster.metadata.labels?.[RELEASE_LABEL] !== release) continue;
    await removeFinalizer(client, object, FINALIZER).catch((error) => {
      if (!isNotFound(error)) throw error;
    });
    await client.delete(object);
  }
}

function referencesOf({ metadata: { namespace }, spec }: NutanixCluster): ObjectReference[] {
  const { credentialRef, additionalTrustBundle } = spec?.prismCentral ?? {};
  const bundle = additionalTrustBundle?.kind === "ConfigMap" ? additionalTrustBundle.name : undefined;
  return [
    { kind: "Secret", name: credentialRef?.name },
    { kind: "ConfigMap", name: bundle },
  ].flatMap(({ kind, name }) =>
    name ? [{ apiVersion: "v1", kind, metadata: { name, ...(namespace && { namespace }) } }] : [],
  );
}
