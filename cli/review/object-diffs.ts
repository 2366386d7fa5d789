import type { Stack } from "../../schema/stack.ts";
import type { RenderedObject } from "../stack/render-stack.ts";
import { differences } from "./fields.ts";
import type { FieldChange, Operation } from "./model.ts";

/** An object before and after. */
export interface ObjectDiff {
  readonly operation: Operation;
  readonly before?: RenderedObject;
  readonly after?: RenderedObject;
  readonly fields: readonly FieldChange[];
  /** Whether the object is protected against deletion now. */
  readonly protected: boolean;
}

/** Kind, namespace and name. */
export function keyOf({ kind, metadata }: RenderedObject): string {
  return `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
}

/** Differences between two sets of objects. */
export function objectDiffs(
  before: readonly RenderedObject[],
  after: readonly RenderedObject[],
  isProtected: (object: RenderedObject) => boolean,
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

/** Which objects Pulumi protects: ClusterDeployments with `protect`, by default those outside dev. */
export function protectionOf(stack: Stack | undefined): (object: RenderedObject) => boolean {
  return ({ kind, metadata }) => {
    if (kind !== "ClusterDeployment" || stack === undefined) return false;
    return stack.clusters[metadata.name]?.protect ?? stack.environment !== "dev";
  };
}
