import { at, type KubernetesObject } from "./object.ts";

/** One condition, in any shape that Kubernetes and Cluster API write. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason?: string;
  readonly message?: string;
  /** How bad a False is; only Cluster API's v1beta1 has it. */
  readonly severity?: "Error" | "Warning" | "Info" | "";
  readonly lastTransitionTime?: string;
  readonly observedGeneration?: number;
}

/** Conditions of negative polarity that name a fault. */
const FAULTS: ReadonlySet<string> = new Set([
  "DiskPressure",
  "MemoryPressure",
  "NetworkUnavailable",
  "PIDPressure",
  "Stalled",
]);

/** Conditions of negative polarity that name work in progress. */
const WORK: ReadonlySet<string> = new Set([
  "Deleting",
  "HasRemediateMachine",
  "Paused",
  "Reconciling",
  "Remediating",
  "RollingOut",
  "ScalingDown",
  "ScalingUp",
]);

/** Reasons that name a fault where the condition has no severity. */
const FAULT_REASON =
  /fail|error|invalid|refused|denied|forbidden|not ?found|stalled|unhealthy|deleted|issues|timeout|notall/i;

/**
 * Conditions of an object. Objects that have both of Cluster API's shapes (`status.conditions` and `status.v1beta2.conditions`)
 * say more in the newer one.
 */
export function conditionsOf({ status }: { readonly status?: unknown }): Condition[] {
  for (const list of [at(status, "v1beta2", "conditions"), at(status, "conditions")]) {
    if (Array.isArray(list) && list.length > 0) return list as Condition[];
  }
  return [];
}

/** The condition of a type; undefined where the object does not have it. */
export function conditionOf(object: Pick<KubernetesObject, "status">, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

export type ConditionGrade = "met" | "pending" | "failed";

/** Whether a condition is met, will be, or names a fault. */
export function gradeOf({ type, status, severity, reason = "" }: Condition): ConditionGrade {
  if (FAULTS.has(type)) return status === "True" ? "failed" : "met";
  if (WORK.has(type)) return status === "True" ? "pending" : "met";
  if (status === "True") return "met";
  if (status === "Unknown") return "pending";
  if (severity !== undefined && severity !== "") return severity === "Info" ? "pending" : "failed";
  return FAULT_REASON.test(reason) ? "failed" : "pending";
}
