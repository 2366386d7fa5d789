import type { KubernetesClient } from "../../kubernetes/client.ts";
import { isNotFound } from "../../kubernetes/errors.ts";
import { KINDS, type ResourceKind } from "../../kubernetes/kinds.ts";
import type { KubernetesObject, OwnerReference } from "../../kubernetes/object.ts";
import { pathOf } from "./played-kinds.ts";

const FINALIZER = "nutanixcluster/infrastructure.cluster.x-k8s.io";

type NutanixCluster = KubernetesObject<{
  prismCentral?: { credentialRef?: { name: string }; additionalTrustBundle?: { kind?: string; name?: string } };
}>;

/** CAPX takes the Secret and the trust bundle that a NutanixCluster names for its own: they are deleted with it. */
export async function addCapxOwner(client: KubernetesClient, namespace: string, name: string): Promise<void> {
  const cluster = await find(client, namespace, name);
  if (!cluster) return;
  const { apiVersion, kind, metadata } = cluster;
  const owner: OwnerReference = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "" };
  for (const { resource, path } of referencesOf(cluster)) {
    const object = await client.get(path);
    if (!object || object.metadata.ownerReferences?.some(({ uid }) => uid === owner.uid)) continue;
    const finalizers =
      resource === KINDS.Secret
        ? [...(object.metadata.finalizers ?? []), FINALIZER]
        : (object.metadata.finalizers ?? []);
    await client.merge(path, {
      metadata: { finalizers, ownerReferences: [...(object.metadata.ownerReferences ?? []), owner] },
    });
  }
}

/**
 * Lets go of what a NutanixCluster owned, and deletes it: of this release's, and of any that is gone already, since a foreground
 * deletion takes the NutanixCluster away before anybody is asked.
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
  const claimed = ({ metadata }: KubernetesObject) =>
    metadata.ownerReferences?.some(({ kind, uid }) => kind === "NutanixCluster" && !others.has(uid));
  const paths = [
    ...secrets.filter(claimed).map(({ metadata }) => [pathOf(KINDS.Secret, { metadata }), metadata] as const),
    ...bundles.filter(claimed).map(({ metadata }) => [pathOf(KINDS.ConfigMap, { metadata }), metadata] as const),
  ];
  for (const [path, metadata] of paths) {
    const finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
    await client.merge(path, { metadata: { finalizers } }).catch(ignoreNotFound);
    await client.delete(path).catch(ignoreNotFound);
  }
}

function ignoreNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

/** By the label that Flux gives what it installs, as kcm finds it: its name is the chart's affair. */
async function find(client: KubernetesClient, namespace: string, name: string): Promise<NutanixCluster | undefined> {
  const labelSelector = `helm.toolkit.fluxcd.io/name=${name}`;
  const [found] = await client.list<NutanixCluster>({ ...KINDS.NutanixCluster, namespace }, { labelSelector });
  return found;
}

function referencesOf({ metadata, spec }: NutanixCluster): { resource: ResourceKind; path: string }[] {
  const { credentialRef, additionalTrustBundle } = spec?.prismCentral ?? {};
  const bundle = additionalTrustBundle?.kind === "ConfigMap" ? additionalTrustBundle.name : undefined;
  const named = [
    { resource: KINDS.Secret, name: credentialRef?.name },
    { resource: KINDS.ConfigMap, name: bundle },
  ];
  return named.flatMap(({ resource, name }) => {
    if (!name) return [];
    const object = { metadata: { name, ...(metadata.namespace ? { namespace: metadata.namespace } : {}) } };
    return [{ resource, path: pathOf(resource, object) }];
  });
}
