import type { KubernetesObject } from "../kubernetes/object.ts";
import type { ReadinessCause, ReadinessStatus } from "../kubernetes/readiness.ts";
import type { SnapshotKind } from "./snapshot.ts";

/** An object with all that hangs on it. */
export interface TreeNode {
  readonly kind: SnapshotKind | "Node";
  readonly name: string;
  readonly state: ReadinessStatus;
  /** What keeps it from being ready; undefined where it is. */
  readonly cause?: ReadinessCause;
  /** What there is to say of it when all is well, like `3/3 machines`; may be empty. */
  readonly detail: string;
  /** RFC 3339. */
  readonly created?: string;
  /** Undefined where it is not there, or stands only in another object's status (a Node). */
  readonly object?: KubernetesObject;
  readonly children: readonly TreeNode[];
}
