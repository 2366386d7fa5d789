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
  return `${path}: ${value === undefined ? "" : `${formatValue(value)} `}${reason}; ${remedy}`;
}

/** All violations below a heading, one line each. */
export function formatViolations(heading: string, violations: readonly Violation[]): string {
  return [heading, ...violations.map((violation) => `  - ${formatViolation(violation)}`)].join("\n");
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
