import { type Graph, livingGraph, plannedGraph } from "../../operations/resource-graph.ts";
import { clusterTrees } from "../../operations/resource-tree.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { openTarget, readTarget, type TargetCommandOptions } from "./target.ts";

/** @throws Failure where the management cluster has no such cluster. */
export async function readLiveGraph(cluster: string | undefined, options: TargetCommandOptions): Promise<Graph> {
  const target = await openTarget(options);
  const snapshot = await readTarget(target, cluster);
  const trees = clusterTrees(snapshot);
  if (trees.length === 0) {
    const what = cluster === undefined ? "clusters: none found" : `cluster: "${cluster}" does not exist`;
    throw new Failure(`${what}; deploy it first, or draw the plan with --planned`, EXIT.usage);
  }
  return livingGraph(`${cluster ?? target.identity ?? "clusters"}, ${snapshot.takenAt}`, trees);
}

/** @throws Failure where the stack has no such cluster. */
export async function readPlannedGraph(cluster: string | undefined, stack: string): Promise<Graph> {
  const { renderStack } = await import("./render-stack.ts");
  const { objects } = await renderStack({ stack });
  const clusters = objects.filter(({ kind }) => kind === "ClusterDeployment").map(({ metadata }) => metadata.name);
  if (cluster !== undefined && !clusters.includes(cluster))
    throw new Failure(
      `cluster: "${cluster}" is not in the stack ${stack}; name one of ${clusters.join(", ")}`,
      EXIT.usage,
    );
  return plannedGraph(`${cluster ?? stack}, planned`, objects, cluster === undefined ? clusters : [cluster]);
}
