/** One thing that is wrong with what a user wrote, in the four parts that every error of this project has. */
export interface Violation {
  /** Where it stands: a path in the stack file (`clusters.edge.workersNumber`) or in an object (`ClusterDeployment/edge spec.config…`). */
  readonly path: string;
  /** What stands there. Never a secret: leave it out for secrets, and for values that are missing. */
  readonly value?: unknown;
  /** Why it cannot stay so, without a final stop. */
  readonly reason: string;
  /** What to write instead, without a final stop. */
  readonly remedy: string;
  /** Name of the cluster that it is about, where it is about one. */
  readonly cluster?: string;
}

const LONGEST_VALUE = 80;

/** A fault on one line: `path: value reason; remedy`. */
export function formatViolation(fault: Violation): string {
  const value = fault.value === undefined ? "" : `${formatValue(fault.value)} `;
  return `${fault.path}: ${value}${fault.reason}; ${fault.remedy}`;
}

/** All faults under one heading, a line each. */
export function formatViolations(heading: string, faults: readonly Violation[]): string {
  return [heading, ...faults.map((fault) => `  - ${formatViolation(fault)}`)].join("\n");
}

/** A value as it may be shown: short, and without the login that an address may carry before its @. */
export function formatValue(value: unknown): string {
  return shorten(JSON.stringify(typeof value === "string" ? withoutCredentials(value) : value));
}

/** A word of somebody else's as it may stand in a sentence: plain, or left out. */
export function safeWord(value: unknown): string {
  const text = typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
  return /^[A-Za-z0-9_.:+/[\]",-]{1,80}$/.test(text) && !text.includes("//") ? text : "…";
}

/** A text without the login that an address may carry before its @. */
export function withoutCredentials(text: string): string {
  const end = text.lastIndexOf("@");
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? "";
  return end > scheme.length && text.slice(scheme.length, end).includes(":") ? `${scheme}…${text.slice(end)}` : text;
}

function shorten(text: string): string {
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}…`;
}
