/** What two clusters have in common, and must not. */
import type { ClusterFields } from "./cluster-fields.ts";

export interface Duplicates<T> {
  readonly cluster: T;
  readonly first: T;
}

type Named = Pick<ClusterFields, "namespace" | "name">;

/** Clusters by their names, since an engine hands resources over in any order: the same stack is told the same each time. */
export function inOrder<T extends Named>(clusters: readonly T[]): T[] {
  return [...clusters].sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
}

/** Clusters whose key an earlier one has already. */
export function findDuplicates<T extends Named>(
  clusters: readonly T[],
  keyOf: (cluster: T) => string | undefined,
): Duplicates<T>[] {
  const seen = new Map<string, T>();
  return inOrder(clusters).flatMap((cluster) => {
    const key = keyOf(cluster);
    if (key === undefined) return [];
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, cluster);
      return [];
    }
    return [{ cluster, first }];
  });
}

function placeOf({ namespace, name }: Named): string {
  return `${namespace}/${name}`;
}
