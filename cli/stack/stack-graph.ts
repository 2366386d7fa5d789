import { type Graph, livingGraph, plannedGraph } from "../../operations/resource-graph.ts";
import { clusterTrees, compareByNeed } from "../../operations/resource-tree.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { openTarget, readTarget, type TargetCommandOptions, unknownCluster } from "./target.ts";

/** More would be unreadable. */
const MAX_CLUSTERS = 20;

/** The name of what is drawn; says how many of the clusters. */
function titleOf(name: string, clusters: number): string {
  return clusters <= MAX_CLUSTERS ? name : `${name}, ${MAX_CLUSTERS} of ${clusters} clusters`;
}

/** @throws Failure where the management cluster has no such cluster. */
export async function readLiveGraph(cluster: string | undefined, options: TargetCommandOptions): Promise<Graph> {
  const target = await openTarget(options);
  const snapshot = await readTarget(target, cluster);
  const trees = clusterTrees(snapshot);
  if (trees.length === 0) {
    if (cluster !== undefined) throw unknownCluster(cluster, [snapshot.server], target.planned);
    throw new Failure("clusters: none found; deploy the stack first, or draw the plan with --planned", EXIT.usage);
  }
  const drawn = [...trees].sort(compareByNeed).slice(0, MAX_CLUSTERS);
  const name = titleOf(cluster ?? target.identity ?? "clusters", trees.length);
  return livingGraph(`${name}, ${snapshot.takenAt}`, drawn);
}

/** @throws Failure where the stack has no such cluster. */
export async function readPlannedGraph(cluster: string | undefined, stack: string): Promise<Graph> {
  const { renderStack } = await import("./render-stack.ts");
  const { objects } = await renderStack({ stack });
  const clusters = objects.filter(({ kind }) => kind === "ClusterDeployment").map(({ metadata }) => metadata.name);
  if (cluster !== undefined && !clusters.includes(cluster))
    throw unknownCluster(cluster, [`the stack ${stack}`], clusters);
  const drawn = cluster === undefined ? clusters.slice(0, MAX_CLUSTERS) : [cluster];
  const name = cluster ?? titleOf(stack, clusters.length);
  return plannedGraph(`${name}, planned`, objects, drawn);
}
