import type { KubernetesClient } from "../../kubernetes/client.ts";
import { isNotFound } from "../../kubernetes/errors.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject, ObjectReference, OwnerReference } from "../../kubernetes/object.ts";
import { removeFinalizer } from "./metadata.ts";

const FINALIZER = "nutanixcluster/infrastructure.cluster.x-k8s.io";

type NutanixCluster = KubernetesObject<{
  prismCentral?: { credentialRef?: { name: string }; additionalTrustBundle?: { kind?: string; name?: string } };
}>;

/** Makes a NutanixCluster the owner of the Secret and the trust bundle that it references, as CAPX does: they are deleted with it. */
export async function addCapxOwner(client: KubernetesClient, namespace: string, name: string): Promise<void> {
  const cluster = await find(client, namespace, name);
  if (!cluster) return;
  const { apiVersion, kind, metadata } = cluster;
  const owner: OwnerReference = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "" };
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
export async function removeCapxOwner(client: KubernetesClient, namespace: string, name: string): Promise<void> {
  const [own, all, secrets, bundles] = await Promise.all([
    find(client, namespace, name),
    client.list({ ...KINDS.NutanixCluster, namespace }),
    // Helm's records are Secrets too, and large.
    client.list({ ...KINDS.Secret, namespace }, { labelSelector: "owner!=helm" }),
    client.list({ ...KINDS.ConfigMap, namespace }),
  ]);
  const others = new Set(all.map(({ metadata }) => metadata.uid).filter((uid) => uid !== own?.metadata.uid));
  const isOwned = ({ metadata }: KubernetesObject) =>
    metadata.ownerReferences?.some(({ kind, uid }) => kind === "NutanixCluster" && !others.has(uid));
  for (const object of [...secrets, ...bundles].filter(isOwned)) {
    await removeFinalizer(client, object, FINALIZER).catch((error) => {
      if (!isNotFound(error)) throw error;
    });
    await client.delete(object);
  }
}

/** By the label that Flux adds, as kcm finds it: the chart decides the name. */
async function find(client: KubernetesClient, namespace: string, name: string): Promise<NutanixCluster | undefined> {
  const labelSelector = `helm.toolkit.fluxcd.io/name=${name}`;
  const [found] = await client.list<NutanixCluster>({ ...KINDS.NutanixCluster, namespace }, { labelSelector });
  return found;
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
