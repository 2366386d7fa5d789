/** Virtual machines and categories on a Prism Central, and volumes of etcd, without a cluster in the management cluster. */

/** The key of the category that CAPX puts on everything of a cluster; its values are the clusters' names. */
export const CLUSTER_CATEGORY = "KubernetesClusterName";

export interface PrismCentralInventory {
  /** Values of the category KubernetesClusterName: names of clusters. */
  readonly clusters: readonly string[];
  readonly machines: readonly { readonly name: string; readonly uuid: string }[];
}

export interface ManagementInventory {
  /** Names of ClusterDeployments and Clusters, of every stack and namespace. */
  readonly clusters: readonly string[];
  /** Names of Machines and NutanixMachines: virtual machines are called so. */
  readonly machines: readonly string[];
  readonly volumes: readonly EtcdVolume[];
  /** UUIDs in the status of NutanixMachines. */
  readonly uuids: readonly string[];
}

/** A PersistentVolumeClaim of a hosted etcd. */
export interface EtcdVolume {
  readonly name: string;
  readonly namespace: string;
  readonly cluster: string;
}

export interface Orphans {
  /** Of hosted clusters that do not exist. */
  readonly volumes: readonly EtcdVolume[];
  /** Categories of clusters that do not exist. */
  readonly categories: readonly string[];
  readonly machines: readonly { readonly name: string; readonly uuid: string; readonly cluster: string }[];
}

/**
 * Virtual machines without a NutanixMachine, and categories and volumes of clusters that do not exist. Clusters of another management cluster
 * are listed too: check before you delete anything.
 */
export function findOrphans(there: PrismCentralInventory, here: ManagementInventory): Orphans {
  const living = new Set(here.clusters);
  const names = new Set(here.machines);
  const uuids = new Set(here.uuids);
  // The longest name that fits: `edge-2-md-x7` is of edge-2 and not of edge.
  const known = [...new Set([...there.clusters, ...here.clusters])].sort((one, other) => other.length - one.length);
  const machines = there.machines.flatMap(({ name, uuid }) => {
    const cluster = known.find((one) => name.startsWith(`${one}-`));
    if (cluster === undefined || names.has(name) || uuids.has(uuid)) return [];
    return [{ name, uuid, cluster }];
  });
  return {
    volumes: here.volumes.filter(({ cluster }) => !living.has(cluster)),
    categories: there.clusters.filter((cluster) => !living.has(cluster)).sort(),
    machines,
  };
}
