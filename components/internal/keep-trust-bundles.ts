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
  const live = (await api.get(objectOf("Management", MANAGEMENT)))?.spec?.["providers"] as ProviderEntry[] | undefined;
  const [ours, deployed] = [entries, live ?? []].map((list) => list.find(({ name }) => name === PROVIDER));
  const declared = bundlesOf(ours);
  const kept = await Promise.all(
    Object.entries(bundlesOf(deployed)).map(async ([name, pem]) => {
      // Other names are of no cluster: "prismCentral".
      const isCluster = name === name.toLowerCase() && declared[name] === undefined;
      return isCluster && (await api.get(objectOf("ClusterDeployment", name))) !== undefined ? [[name, pem]] : [];
    }),
  );
  if (ours === undefined || kept.flat().length === 0) return entries;
  const trustBundles = { ...Object.fromEntries(kept.flat()), ...declared };
  return entries.map((entry) => (entry === ours ? { ...entry, config: { ...entry.config, trustBundles } } : entry));
}

function bundlesOf(entry: ProviderEntry | undefined): TrustBundles {
  return (entry?.config?.["trustBundles"] ?? {}) as TrustBundles;
}

function objectOf(kind: "Management" | "ClusterDeployment", name: string) {
  const { apiVersions, namespaced } = KINDS[kind];
  return {
    apiVersion: apiVersions[0] ?? "",
    kind,
    metadata: { name, ...(namespaced ? { namespace: NAMESPACE } : {}) },
  };
}
