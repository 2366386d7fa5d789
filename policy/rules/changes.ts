/** What was there before, beside what is there now. */
import { type Cluster, clustersOf } from "./cluster.ts";
import type { Context, Subject } from "./rule.ts";

export interface Change {
  readonly before: Cluster;
  readonly after: Cluster;
}

/** What tells a cluster from others. */
export function idOf({ namespace, name }: Cluster): string {
  return `${namespace}/${name}`;
}

/** Clusters that were there before and are there still; none where nobody says what was before. */
export function changes(subjects: readonly Subject[], { previous }: Context): Change[] {
  if (previous === undefined) return [];
  const before = new Map(clustersOf(previous).map((cluster) => [idOf(cluster), cluster]));
  return clustersOf(subjects).flatMap((after) => {
    const one = before.get(idOf(after));
    return one === undefined ? [] : [{ before: one, after }];
  });
}

/** How rules about change read, in words. */
export const BEFORE = "the same before and after: from a hook of the program, or from the base of a review";
