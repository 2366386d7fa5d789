/** One thing that is wrong with what a user wrote, in the four parts that every error of this project has. */
export interface Fault {
  /** Where it stands: a path in the stack file (`clusters.edge.workersNumber`) or in an object (`ClusterDeployment/edge spec.config…`). */
  readonly path: string;
  /** What stands there. Never a secret: leave it out for secrets, and for values that are missing. */
  readonly value?: unknown;
  /** Why it cannot stay so, without a final stop. */
  readonly reason: string;
  /** What to write instead, without a final stop. */
  readonly remedy: string;
}

const LONGEST_VALUE = 80;

/** A fault on one line: `path: value reason; remedy`. */
export function formatFault(fault: Fault): string {
  const value = fault.value === undefined ? "" : `${shorten(JSON.stringify(fault.value))} `;
  return `${fault.path}: ${value}${fault.reason}; ${fault.remedy}`;
}

/** All faults under one heading, a line each. */
export function formatFaults(heading: string, faults: readonly Fault[]): string {
  return [heading, ...faults.map((fault) => `  - ${formatFault(fault)}`)].join("\n");
}

function shorten(text: string): string {
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}…`;
}
