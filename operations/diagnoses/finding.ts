import type { Condition } from "../../kubernetes/conditions.ts";
import type { KubernetesEvent, KubernetesObject } from "../../kubernetes/object.ts";
import { clusterOf, type DiagnosisInput, type ObjectKind, objectsOf } from "./input.ts";

/** `error`: something does not work. `warning`: it will not, or not everything could be read. `info`: work in progress. */
export const SEVERITIES = ["error", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a finding rests on, quoted. */
export interface Evidence {
  readonly what: "condition" | "status" | "event" | "log" | "object" | "probe";
  /** Like `NutanixMachine demo-md-x7`. */
  readonly of: string;
  readonly text: string;
  /** Since when, RFC 3339, where it is known. */
  readonly since?: string;
}

/** What a diagnosis observes about one object. */
export interface Observation {
  /** The faulty object: `Kind name`. */
  readonly subject: string;
  /** Name of the affected cluster, where it is one. */
  readonly cluster?: string | undefined;
  /** One sentence: what is wrong, with names and values. */
  readonly cause: string;
  readonly evidence: readonly Evidence[];
  /** Where it is more specific than the diagnosis's own. */
  readonly remedy?: string;
}

/** An observation with the diagnosis that it belongs to. */
export interface Finding extends Observation {
  /** Id of the diagnosis: its heading in docs/reference/findings.md. */
  readonly id: string;
  readonly severity: Severity;
  readonly remedy: string;
}

/** One known fault: how it is recognized and fixed. */
export interface Diagnosis {
  readonly id: string;
  readonly severity: Severity;
  /** For the documentation: one to three sentences. */
  readonly description: string;
  readonly remedy: string;
  /**
   * Drops a finding that follows from an earlier one on the same subject, or on the same cluster. @default none
   */
  readonly yieldsTo?: "subject" | "cluster";
  /** A kind whose absence is the fault: nothing is concluded where it could not be read. */
  readonly requires?: ObjectKind;
  find(input: DiagnosisInput): Observation[];
}

/** `find` of a diagnosis that looks at each object of some kinds by itself; subject and cluster default to the object's. */
export function forEachObject(
  kinds: readonly ObjectKind[],
  observe: (object: KubernetesObject, input: DiagnosisInput) => Omit<Observation, "subject"> | undefined,
): Diagnosis["find"] {
  return (input) =>
    kinds
      .flatMap((kind) => objectsOf(input, kind))
      .flatMap((object) => {
        const observation = observe(object, input);
        return observation === undefined
          ? []
          : [{ subject: nameOf(object), cluster: clusterOf(object), ...observation }];
      });
}

/** `Kind name`. */
export function nameOf({ kind, metadata }: Pick<KubernetesObject, "kind" | "metadata">): string {
  return `${kind} ${metadata.name}`;
}

export function conditionEvidence(object: KubernetesObject, condition: Condition): Evidence {
  const { type, status, reason, message, lastTransitionTime } = condition;
  const why = [reason, message].filter((text) => text !== undefined && text !== "").join(": ");
  return {
    what: "condition",
    of: nameOf(object),
    text: `${type} is ${status}${why === "" ? "" : ` (${why})`}`,
    ...(lastTransitionTime === undefined ? {} : { since: lastTransitionTime }),
  };
}

export function statusEvidence(object: KubernetesObject, text: string): Evidence {
  return { what: "status", of: nameOf(object), text };
}

export function eventEvidence({ involvedObject, reason = "", message = "", lastTimestamp }: KubernetesEvent): Evidence {
  const { kind, name } = involvedObject;
  const since = lastTimestamp ? { since: lastTimestamp } : {};
  return { what: "event", of: `${kind} ${name}`, text: `${reason}: ${message}`, ...since };
}

export function logEvidence({ pod, line }: { pod: string; line: string }): Evidence {
  return { what: "log", of: `Pod ${pod}`, text: line };
}

/** An object that does not exist. */
export function missingEvidence(kind: string, name: string): Evidence {
  return { what: "object", of: `${kind} ${name}`, text: "not found" };
}

/** The first few names, and how many more. */
export function someOf(names: readonly string[], separator = ", "): string {
  const rest = names.length - MAX_NAMES;
  return `${names.slice(0, MAX_NAMES).join(separator)}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** More names are only counted. */
export const MAX_NAMES = 20;

/** The first line that is not blank. */
export function firstLine(text: string): string {
  return (
    text
      .split("\n")
      .find((line) => line.trim() !== "")
      ?.trim() ?? text
  );
}
