import type { KubernetesObject } from "../kubernetes/object.ts";
import type { ReadinessCause, ReadinessStatus } from "../kubernetes/readiness.ts";
import type { SnapshotKind } from "./snapshot.ts";

/** An object with the objects below it. */
export interface TreeNode {
  /** A Service here is kcm's: a Helm release in the cluster. */
  readonly kind: SnapshotKind | "Node" | "Service";
  readonly name: string;
  readonly state: ReadinessStatus;
  /** Why it is not current. */
  readonly cause?: ReadinessCause;
  /** A summary, like `3/3 machines`; may be empty. */
  readonly detail: string;
  /** RFC 3339. */
  readonly created?: string;
  /** Undefined where it does not exist, or is known only from another object's status (a Node). */
  readonly object?: KubernetesObject;
  readonly children: readonly TreeNode[];
}
