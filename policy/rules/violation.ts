import { printableLine } from "./printable.ts";

/** A problem in what a user wrote, in the four parts of every error of this project. */
export interface Violation {
  /** A path in the stack file (`clusters.edge.workersNumber`) or in an object (`ClusterDeployment/edge spec.config…`). */
  readonly path: string;
  /** The invalid value. Never a secret: omitted for secrets and for missing values. */
  readonly value?: unknown;
  /** Why the value is invalid, without a final stop. */
  readonly reason: string;
  /** How to fix it, without a final stop. */
  readonly remedy: string;
  /** Name of the affected cluster, if any. */
  readonly cluster?: string;
}

const MAX_VALUE_LENGTH = 80;

/** A violation on one line: `path: value reason; remedy`. */
export function formatViolation({ path, value, reason, remedy }: Violation): string {
  return printableLine(`${path}: ${value === undefined ? "" : `${formatValue(value)} `}${reason}; ${remedy}`);
}

/** All violations below a heading. */
export function formatViolations(heading: string, violations: readonly Violation[]): string {
  return [heading, ...violationLines(violations).map((line) => `  - ${line}`)].join("\n");
}

/** More clusters than this with the same violation, or finding, share one line; none do with the variable K0RDENT_NUTANIX_VERBOSE. */
export function maxRepeats(): number {
  return process.env["K0RDENT_NUTANIX_VERBOSE"] ? Number.POSITIVE_INFINITY : 3;
}

/** Violations as lines; those that differ in nothing but a name share one. */
export function violationLines(violations: readonly Violation[]): string[] {
  return sharedViolations(violations).map(formatViolation);
}

/**
 * Violations of clusters, or of objects, that differ in nothing but the name are one, with their number and the first names:
 * `clusters.{a, b, c and 96 more}.workersNumber`.
 */
export function sharedViolations(violations: readonly Violation[]): Violation[] {
  const most = maxRepeats();
  const groups = Map.groupBy(violations, (violation) => formatViolation(withPlaceholder(violation)));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length <= most) return group;
    const names = group.slice(0, most).map(({ path }) => NAMED_PATH.exec(path)?.groups?.["name"]);
    return [withPlaceholder(first, `{${names.join(", ")} and ${group.length - most} more}`)];
  });
}

/** `clusters.edge.workersNumber`, `ClusterDeployment kcm-system/edge spec.config` */
const NAMED_PATH = /^(?<before>clusters\.|[A-Z]\w+ (?:[^ /]+\/)?)(?<name>(?<=\.)[^ .[]+|(?<!\.)[^ ]+)/;

function withPlaceholder(violation: Violation, placeholder = "*"): Violation {
  return { ...violation, path: violation.path.replace(NAMED_PATH, (_, before: string) => before + placeholder) };
}

/** A value that is safe to print: truncated, and without credentials in URLs. */
export function formatValue(value: unknown): string {
  const text = JSON.stringify(typeof value === "string" ? withoutCredentials(value) : value);
  return text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH)}…`;
}

/** A value as part of a sentence; `…` unless it is short and has only harmless characters. */
export function safeWord(value: unknown): string {
  const text = typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
  return /^[A-Za-z0-9_.:+/[\]",-]{1,80}$/.test(text) && !text.includes("//") ? text : "…";
}

/** A text without the user and password that a URL may have before its @. */
export function withoutCredentials(text: string): string {
  const end = text.lastIndexOf("@");
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? "";
  return end > scheme.length && text.slice(scheme.length, end).includes(":") ? `${scheme}…${text.slice(end)}` : text;
}
