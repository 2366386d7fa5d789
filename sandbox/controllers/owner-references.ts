import { type Client, isGone, type KubeObject, type OwnerReference } from "./client.ts";
import { CONFIG_MAPS, pathOf, type Resource, SECRETS } from "./played-kinds.ts";

const NUTANIX_CLUSTERS = "/apis/infrastructure.cluster.x-k8s.io/v1beta1";
const FINALIZER = "nutanixcluster/infrastructure.cluster.x-k8s.io";

type NutanixCluster = KubeObject<{
  prismCentral?: { credentialRef?: { name: string }; additionalTrustBundle?: { kind?: string; name?: string } };
}>;

/** CAPX takes the Secret and the trust bundle that a NutanixCluster names for its own: they are deleted with it. */
export async function addCapxOwner(client: Client, namespace: string, name: string): Promise<void> {
  const cluster = await find(client, namespace, name);
  if (!cluster) return;
  const { apiVersion, kind, metadata } = cluster;
  const owner: OwnerReference = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "" };
  for (const { resource, path } of referencesOf(cluster)) {
    const object = await client.find(path);
    if (!object || object.metadata.ownerReferences?.some(({ uid }) => uid === owner.uid)) continue;
    const finalizers =
      resource === SECRETS ? [...(object.metadata.finalizers ?? []), FINALIZER] : (object.metadata.finalizers ?? []);
    await client.merge(path, {
      metadata: { finalizers, ownerReferences: [...(object.metadata.ownerReferences ?? []), owner] },
    });
  }
}

/**
 * Lets go of what a NutanixCluster owned, and deletes it: of this release's, and of any that is gone already, since a foreground
 * deletion takes the NutanixCluster away before anybody is asked.
 */
export async function removeCapxOwner(client: Client, namespace: string, name: string): Promise<void> {
  const [own, all, secrets, bundles] = await Promise.all([
    find(client, namespace, name),
    listed(client, `${NUTANIX_CLUSTERS}/namespaces/${namespace}/nutanixclusters`),
    // Helm's records are Secrets too, and large.
    listed(client, `/api/v1/namespaces/${namespace}/secrets?labelSelector=${encodeURIComponent("owner!=helm")}`),
    listed(client, `/api/v1/namespaces/${namespace}/configmaps`),
  ]);
  const others = new Set(all.map(({ metadata }) => metadata.uid).filter((uid) => uid !== own?.metadata.uid));
  const claimed = ({ metadata }: KubeObject) =>
    metadata.ownerReferences?.some(({ kind, uid }) => kind === "NutanixCluster" && !others.has(uid));
  const paths = [
    ...secrets.filter(claimed).map(({ metadata }) => [pathOf(SECRETS, { metadata }), metadata] as const),
    ...bundles.filter(claimed).map(({ metadata }) => [pathOf(CONFIG_MAPS, { metadata }), metadata] as const),
  ];
  for (const [path, metadata] of paths) {
    const finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
    await client.merge(path, { metadata: { finalizers } }).catch(ignoreNotFound);
    await client.delete(path).catch(ignoreNotFound);
  }
}

function ignoreNotFound(error: unknown): void {
  if (!isGone(error)) throw error;
}

async function listed(client: Client, path: string): Promise<KubeObject[]> {
  const { items = [] } = await client.list(path).catch((error) => {
    ignoreNotFound(error);
    return { items: [] };
  });
  return items as KubeObject[];
}

/** By the label that Flux gives what it installs, as kcm finds it: its name is the chart's affair. */
async function find(client: Client, namespace: string, name: string): Promise<NutanixCluster | undefined> {
  const selector = encodeURIComponent(`helm.toolkit.fluxcd.io/name=${name}`);
  const [found] = await listed(
    client,
    `${NUTANIX_CLUSTERS}/namespaces/${namespace}/nutanixclusters?labelSelector=${selector}`,
  );
  return found as NutanixCluster | undefined;
}

function referencesOf({ metadata, spec }: NutanixCluster): { resource: Resource; path: string }[] {
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
