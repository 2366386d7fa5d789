import { at, type LiveObject } from "./live-object.ts";

/** One condition, in whichever of Cluster API's shapes it was written. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason?: string;
  readonly message?: string;
  /** Only the older shape has it: how bad a False is. */
  readonly severity?: "Error" | "Warning" | "Info" | "";
  readonly lastTransitionTime?: string;
  readonly observedGeneration?: number;
}

/** Conditions that are good when they are False: they name a thing that goes on, or a fault. */
const NEGATIVE: ReadonlySet<string> = new Set([
  "Deleting",
  "DiskPressure",
  "HasRemediateMachine",
  "MemoryPressure",
  "NetworkUnavailable",
  "PIDPressure",
  "Paused",
  "Reconciling",
  "Remediating",
  "RollingOut",
  "ScalingDown",
  "ScalingUp",
  "Stalled",
]);

/** Of the negative ones, those that stand for a fault and not for work. */
const FAULTS: ReadonlySet<string> = new Set([
  "DiskPressure",
  "MemoryPressure",
  "NetworkUnavailable",
  "PIDPressure",
  "Stalled",
]);

/**
 * Conditions of an object. Objects of core v1beta1 that have both shapes (`status.conditions` and `status.v1beta2.conditions`) say
 * more in the newer; so do those of v1beta2, where the older moved to `status.deprecated`.
 */
export function conditionsOf({ status }: Pick<LiveObject, "status">): Condition[] {
  for (const list of [at(status, "v1beta2", "conditions"), at(status, "conditions")]) {
    if (Array.isArray(list) && list.length > 0) return list as Condition[];
  }
  return [];
}

export type ConditionGrade = "good" | "waiting" | "bad";

/** Reasons that name a fault where the condition itself has no severity. */
const FAULT_REASON =
  /fail|error|invalid|refused|denied|forbidden|not ?found|stalled|unhealthy|deleted|issues|timeout|notall/i;

/** What a condition says: that it holds, that something is under way, or that something went wrong. */
export function gradeOf({ type, status, severity, reason = "" }: Condition): ConditionGrade {
  if (NEGATIVE.has(type)) {
    if (status !== "True") return "good";
    return FAULTS.has(type) ? "bad" : "waiting";
  }
  if (status === "True") return "good";
  if (status === "Unknown") return "waiting";
  if (severity !== undefined && severity !== "") return severity === "Info" ? "waiting" : "bad";
  return FAULT_REASON.test(reason) ? "bad" : "waiting";
}
