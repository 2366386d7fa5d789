import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { ProviderEntry, TrustBundles } from "../../manifests/management-object.ts";
import { MANAGEMENT, NAMESPACE, PROVIDER } from "../../manifests/names.ts";

/**
 * The entries, where ours keeps the certificates of clusters that are there still: an update drops the entry of a removed cluster
 * before Pulumi deletes the cluster, and CAPX must trust its Prism Central until its machines are deleted. The next update drops them.
 */
export async function keepTrustBundles(
  api: KubernetesClient,
  entries: readonly ProviderEntry[],
): Promise<readonly ProviderEntry[]> {
  const live = (await api.get({ ...KINDS.Management, metadata: { name: MANAGEMENT } }))?.spec?.["providers"] as
    | ProviderEntry[]
    | undefined;
  const [ours, deployed] = [entries, live ?? []].map((list) => list.find(({ name }) => name === PROVIDER));
  const declared = bundlesOf(ours);
  const kept = await Promise.all(
    Object.entries(bundlesOf(deployed)).map(async ([name, pem]) => {
      // Other names are of no cluster: "prismCentral".
      const isCluster = name === name.toLowerCase() && declared[name] === undefined;
      if (!isCluster) return [];
      const metadata = { name, namespace: NAMESPACE };
      return (await api.get({ ...KINDS.ClusterDeployment, metadata })) === undefined ? [] : [[name, pem]];
    }),
  );
  if (ours === undefined || kept.flat().length === 0) return entries;
  const trustBundles = { ...Object.fromEntries(kept.flat()), ...declared };
  return entries.map((entry) => (entry === ours ? { ...entry, config: { ...entry.config, trustBundles } } : entry));
}

function bundlesOf(entry: ProviderEntry | undefined): TrustBundles {
  return (entry?.config?.["trustBundles"] ?? {}) as TrustBundles;
}
