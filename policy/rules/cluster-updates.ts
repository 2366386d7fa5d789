/** What was there before, beside what is there now. */
import { type ClusterFields, clustersOf } from "./cluster-fields.ts";
import type { PolicyTarget, RuleContext } from "./rule.ts";

export interface ClusterUpdate {
  readonly before: ClusterFields;
  readonly after: ClusterFields;
}

/** What tells a cluster from others. */
export function idOf({ namespace, name }: ClusterFields): string {
  return `${namespace}/${name}`;
}

/** Clusters that were there before and are there still; none where nobody says what was before. */
export function clusterUpdates(subjects: readonly PolicyTarget[], { previous }: RuleContext): ClusterUpdate[] {
  if (previous === undefined) return [];
  const before = new Map(clustersOf(previous).map((cluster) => [idOf(cluster), cluster]));
  return clustersOf(subjects).flatMap((after) => {
    const one = before.get(idOf(after));
    return one === undefined ? [] : [{ before: one, after }];
  });
}

/** How rules about change read, in words. */
export const COMPARED_TARGETS = "before and after the update: evaluated by the program's update hook and by reviews";
