/** Comparisons between clusters: duplicates within a stack, and a cluster before and after an update. */
import type { ClusterFields } from "./cluster-fields.ts";
import { clustersOf } from "./clusters.ts";
import type { PolicyTarget, RuleContext } from "./rule.ts";

type Identity = Pick<ClusterFields, "namespace" | "name">;

export function clusterKey({ namespace, name }: Identity): string {
  return `${namespace}/${name}`;
}

/** Sorted by name, since Pulumi passes resources in any order and violations must not depend on it. */
export function sortedClusters<T extends Identity>(clusters: readonly T[]): T[] {
  return [...clusters].sort((one, other) => (clusterKey(one) < clusterKey(other) ? -1 : 1));
}

/** Clusters with the same key as an earlier one, which is `first`. */
export function findDuplicates<T extends Identity>(
  clusters: readonly T[],
  keyOf: (cluster: T) => string | undefined,
): { cluster: T; first: T }[] {
  const seen = new Map<string, T>();
  return sortedClusters(clusters).flatMap((cluster) => {
    const key = keyOf(cluster);
    const first = key === undefined ? undefined : seen.get(key);
    if (key !== undefined && first === undefined) seen.set(key, cluster);
    return first === undefined ? [] : [{ cluster, first }];
  });
}

/** Clusters that exist before and after the update; none if the state before is unknown. */
export function clusterUpdates(
  targets: readonly PolicyTarget[],
  { previous = [] }: RuleContext,
): { before: ClusterFields; after: ClusterFields }[] {
  const existing = new Map(clustersOf(previous).map((cluster) => [clusterKey(cluster), cluster]));
  return clustersOf(targets).flatMap((after) => {
    const before = existing.get(clusterKey(after));
    return before === undefined ? [] : [{ before, after }];
  });
}

/** When rules that compare updates are evaluated, for `inspects`. */
export const COMPARED_TARGETS = "before and after the update: evaluated by the program's update hook and by reviews";
