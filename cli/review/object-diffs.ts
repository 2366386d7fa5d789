import type { Stack } from "../../schema/stack.ts";
import { differences } from "./fields.ts";
import type { Field, Operation } from "./model.ts";
import type { PlainObject } from "./rendered-objects.ts";

/** An object before and after, and what becomes of it. */
export interface ObjectDiff {
  readonly operation: Operation;
  readonly before?: PlainObject;
  readonly after?: PlainObject;
  readonly fields: readonly Field[];
  /** Whether Pulumi refuses to delete the object as it is now. */
  readonly protected: boolean;
}

/** Kind and name, by which an object of one side is found on the other. */
export function keyOf({ kind, metadata }: PlainObject): string {
  return `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
}

/** What becomes of each object when one set of objects follows another. */
export function objectDiffs(
  before: readonly PlainObject[],
  after: readonly PlainObject[],
  isProtected: (object: PlainObject) => boolean,
): ObjectDiff[] {
  const old = new Map(before.map((object) => [keyOf(object), object]));
  const kept = new Set(after.map(keyOf));
  return [
    ...after.map((object): ObjectDiff => {
      const former = old.get(keyOf(object));
      if (former === undefined) return { operation: "create", after: object, fields: [], protected: false };
      const fields = differences(former, object);
      return {
        operation: fields.length === 0 ? "same" : "update",
        before: former,
        after: object,
        fields,
        protected: isProtected(former),
      };
    }),
    ...before
      .filter((object) => !kept.has(keyOf(object)))
      .map(
        (object): ObjectDiff => ({ operation: "delete", before: object, fields: [], protected: isProtected(object) }),
      ),
  ];
}

/** Which objects Pulumi protects: the ClusterDeployments of clusters that say so, or that say nothing outside dev. */
export function protectionOf(stack: Stack | undefined): (object: PlainObject) => boolean {
  return ({ kind, metadata }) => {
    if (kind !== "ClusterDeployment" || stack === undefined) return false;
    return stack.clusters[metadata.name]?.protect ?? stack.environment !== "dev";
  };
}
