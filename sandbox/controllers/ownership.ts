import { type Client, isGone, type KubeObject, type OwnerReference } from "./client.ts";
import { CONFIG_MAPS, pathOf, type Resource, SECRETS } from "./kinds.ts";

const FINALIZER = "nutanixcluster/infrastructure.cluster.x-k8s.io";

type NutanixCluster = KubeObject<{
  prismCentral?: { credentialRef?: { name: string }; additionalTrustBundle?: { kind?: string; name?: string } };
}>;

/** CAPX takes the Secret and the trust bundle that a NutanixCluster names for its own: they are deleted with it. */
export async function claimForCapx(client: Client, namespace: string, name: string): Promise<void> {
  const cluster = await find(client, namespace, name);
  if (!cluster) return;
  const { apiVersion, kind, metadata } = cluster;
  const owner: OwnerReference = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "" };
  for (const { resource, path } of claimsOf(cluster)) {
    const object = await client.find(path);
    if (!object || object.metadata.ownerReferences?.some(({ uid }) => uid === owner.uid)) continue;
    const finalizers =
      resource === SECRETS ? [...(object.metadata.finalizers ?? []), FINALIZER] : (object.metadata.finalizers ?? []);
    await client.merge(path, {
      metadata: { finalizers, ownerReferences: [...(object.metadata.ownerReferences ?? []), owner] },
    });
  }
}

/** Lets go of them before the NutanixCluster is deleted, and deletes them. */
export async function releaseFromCapx(client: Client, namespace: string, name: string): Promise<void> {
  const cluster = await find(client, namespace, name);
  if (!cluster) return;
  for (const { path } of claimsOf(cluster)) {
    const object = await client.find(path);
    if (!object?.metadata.ownerReferences?.some(({ uid }) => uid === cluster.metadata.uid)) continue;
    const finalizers = (object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
    await client.merge(path, { metadata: { finalizers } });
    await client.delete(path);
  }
}

/** By the label that Flux gives what it installs, as kcm finds it: its name is the chart's affair. */
async function find(client: Client, namespace: string, name: string): Promise<NutanixCluster | undefined> {
  const selector = encodeURIComponent(`helm.toolkit.fluxcd.io/name=${name}`);
  const path = `/apis/infrastructure.cluster.x-k8s.io/v1beta1/namespaces/${namespace}/nutanixclusters?labelSelector=${selector}`;
  const { items = [] } = await client.list(path).catch((error) => {
    if (isGone(error)) return { items: [] };
    throw error;
  });
  return items[0] as NutanixCluster | undefined;
}

function claimsOf({ metadata, spec }: NutanixCluster): { resource: Resource; path: string }[] {
  const { credentialRef, additionalTrustBundle } = spec?.prismCentral ?? {};
  const bundle = additionalTrustBundle?.kind === "ConfigMap" ? additionalTrustBundle.name : undefined;
  const named = [
    { resource: SECRETS, name: credentialRef?.name },
    { resource: CONFIG_MAPS, name: bundle },
  ];
  return named.flatMap(({ resource, name }) => {
    if (!name) return [];
    const object = { metadata: { name, ...(metadata.namespace ? { namespace: metadata.namespace } : {}) } };
    return [{ resource, path: pathOf(resource, object) }];
  });
}
