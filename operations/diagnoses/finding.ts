import type { Condition } from "../../kubernetes/conditions.ts";
import type { KubernetesEvent, KubernetesObject } from "../../kubernetes/object.ts";
import type { DiagnosisInput } from "./input.ts";

/** `error`: something does not work. `warning`: it will not, or the diagnosis could not see everything. `info`: good to know. */
export const SEVERITIES = ["error", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a finding rests on, in the words of whoever wrote it. */
export interface Evidence {
  readonly what: "condition" | "status" | "event" | "log" | "object" | "probe";
  /** Like `NutanixMachine demo-md-x7`. */
  readonly of: string;
  readonly text: string;
  /** Since when, RFC 3339, where it is known. */
  readonly since?: string;
}

/** What a diagnosis found in one place. */
export interface Found {
  /** The object that is ill: `Kind name`, or `Kind namespace/name` outside kcm's namespace. */
  readonly subject: string;
  /** Name of the cluster that suffers, where it is one. */
  readonly cluster?: string | undefined;
  /** One sentence: what is wrong, with the names and values that show it. */
  readonly cause: string;
  readonly evidence: readonly Evidence[];
  /** What to do here, where it is more than the diagnosis says in general. */
  readonly remedy?: string;
}

/** A finding as it is told. */
export interface Finding extends Found {
  /** Id of the diagnosis: the heading in docs/reference/findings.md. */
  readonly id: string;
  readonly severity: Severity;
  readonly remedy: string;
}

/** One thing that can be wrong, and how it is known. */
export interface Diagnosis {
  readonly id: string;
  readonly severity: Severity;
  /** What it means, for the documentation: a sentence or two. */
  readonly means: string;
  /** What to do about it; said with every finding that has no remedy of its own. */
  readonly remedy: string;
  /**
   * What makes a finding superfluous: an earlier finding on the same subject, or on the same cluster. A consequence is told only
   * where its cause was not found. @default none
   */
  readonly yieldsTo?: "subject" | "cluster";
  find(the: DiagnosisInput): Found[];
}

/** `Kind name`: how objects are called in findings. */
export function nameOf({ kind, metadata }: Pick<KubernetesObject, "kind" | "metadata">): string {
  return `${kind} ${metadata.name}`;
}

/** A condition as evidence. */
export function ofCondition(object: KubernetesObject, condition: Condition): Evidence {
  const { type, status, reason, message, lastTransitionTime } = condition;
  const why = [reason, message].filter((text) => text !== undefined && text !== "").join(": ");
  return {
    what: "condition",
    of: nameOf(object),
    text: `${type} is ${status}${why === "" ? "" : ` (${why})`}`,
    ...(lastTransitionTime === undefined ? {} : { since: lastTransitionTime }),
  };
}

/** A field of an object as evidence. */
export function ofStatus(object: KubernetesObject, text: string): Evidence {
  return { what: "status", of: nameOf(object), text };
}

/** An Event as evidence. */
export function ofEvent(event: KubernetesEvent): Evidence {
  const { involvedObject, reason = "", message = "", lastTimestamp } = event;
  return {
    what: "event",
    of: `${involvedObject.kind} ${involvedObject.name}`,
    text: `${reason}: ${message}`,
    ...(lastTimestamp ? { since: lastTimestamp } : {}),
  };
}
