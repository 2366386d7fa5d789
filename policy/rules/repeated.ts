/** What two clusters have in common, and must not. */
import type { Cluster } from "./cluster.ts";

export interface Repeated<T> {
  readonly cluster: T;
  readonly first: T;
}

/** Clusters whose key an earlier one has already; earlier by name, since an engine hands resources over in any order. */
export function repeated<T extends Pick<Cluster, "namespace" | "name">>(
  clusters: readonly T[],
  keyOf: (cluster: T) => string | undefined,
): Repeated<T>[] {
  const seen = new Map<string, T>();
  const inOrder = [...clusters].sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
  return inOrder.flatMap((cluster) => {
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

function placeOf({ namespace, name }: Pick<Cluster, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}
