import { clusterTrees } from "../../operations/resource-tree.ts";
import type { StatusView } from "../output/status-view.ts";
import { type ClusterTarget, readTarget, STACK_FILE, unknownCluster } from "./target.ts";

/** @throws Failure where the named cluster is neither deployed nor in the stack file. */
export async function readStatus(target: ClusterTarget, cluster: string | undefined): Promise<StatusView> {
  const snapshot = await readTarget(target, cluster);
  const chains = clusterTrees(snapshot);
  const deployed = new Set(chains.map(({ name }) => name));
  const planned = target.planned.filter((name) => cluster === undefined || name === cluster);
  const absent = planned.filter((name) => !deployed.has(name));
  if (cluster !== undefined && chains.length + absent.length === 0)
    throw unknownCluster(cluster, [snapshot.server, STACK_FILE], target.planned);
  return { snapshot, chains, absent, stack: target.identity };
}
