import type { LiveObject as ReadObject } from "../manifests/conflicting-object.ts";
import { at } from "../policy/rules/plain-values.ts";

export { at };

/** A Kubernetes object as it was read, with what tells its history. */
export interface LiveObject extends ReadObject {
  readonly metadata: LiveMetadata;
}

type ReadMetadata = ReadObject["metadata"];

export interface LiveMetadata extends ReadMetadata {
  readonly resourceVersion?: string;
  /** RFC 3339, like all times here. */
  readonly creationTimestamp?: string;
  readonly ownerReferences?: readonly OwnerReference[];
  /** Who wrote what; here for when each did. */
  readonly managedFields?: readonly { readonly time?: string }[];
}

export interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
  readonly controller?: boolean;
}

/** An Event of the core group. */
export interface LiveEvent extends LiveObject {
  readonly involvedObject: { readonly kind: string; readonly name: string; readonly uid?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

/** The text under a path of keys; undefined where there is none, or an empty one. */
export function textAt(value: unknown, ...keys: readonly string[]): string | undefined {
  const found = at(value, ...keys);
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** The number under a path of keys. */
export function numberAt(value: unknown, ...keys: readonly string[]): number | undefined {
  const found = at(value, ...keys);
  return typeof found === "number" ? found : undefined;
}
