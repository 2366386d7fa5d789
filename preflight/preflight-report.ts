/** The result of a run for people and for programs. */

import { withoutNames } from "../kubernetes/without-names.ts";
import type { Environment } from "../policy/rules/rule.ts";
import { maxRepeats } from "../policy/rules/violation.ts";
import type { CheckStatus } from "./check.ts";
import { MANUAL_CHECKS, type ManualCheck } from "./manual-checks.ts";
import type { PreflightCheckResult, PreflightResult } from "./run-checks.ts";

export interface PreflightSummary {
  readonly passed: number;
  readonly failed: number;
  readonly inconclusive: number;
  /** Inconclusive checks of a production stack. */
  readonly warnings: number;
}

/** A whole report as plain data: what `--json` prints. */
export interface PreflightReport extends PreflightResult {
  readonly environment: Environment;
  readonly summary: PreflightSummary;
  readonly manualChecks: readonly ManualCheck[];
}

export function reportOf({ results, skipped }: PreflightResult, environment: Environment): PreflightReport {
  const count = (status: CheckStatus) => results.filter((one) => one.status === status).length;
  const [passed, failed, inconclusive] = [count("pass"), count("fail"), count("inconclusive")];
  const warnings = environment === "production" ? inconclusive : 0;
  const summary = { passed, failed, inconclusive, warnings };
  return { environment, results, skipped, summary, manualChecks: MANUAL_CHECKS };
}

/** 1 when a check failed; an inconclusive one is no failure. */
export function exitCodeOf({ summary }: PreflightReport): 0 | 1 {
  return summary.failed > 0 ? 1 : 0;
}

/** `14 passed, 1 failed, 2 inconclusive (a warning in production)`. */
export function summaryLine({ summary: { passed, failed, inconclusive, warnings } }: PreflightReport): string {
  const warning = warnings > 0 ? " (a warning in production)" : "";
  return `${passed} passed, ${failed} failed, ${inconclusive} inconclusive${warning}`;
}

/** Results of many clusters that differ in nothing but the cluster are one, with their number and the first names; so are all that pass. */
export function sharedResults(results: readonly PreflightCheckResult[]): PreflightCheckResult[] {
  const most = maxRepeats();
  const groups = Map.groupBy(results, ({ check, cluster, status, message, remedy = "" }) => {
    if (cluster === undefined) return `${check} ${message}`;
    return `${check} of clusters: ${status}: ${status === "pass" ? "" : withoutNames(`${message}; ${remedy}`, [cluster])}`;
  });
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length <= most) return group;
    const names = group.slice(0, most).map(({ cluster }) => cluster);
    return [{ ...first, cluster: `${names.join(", ")} and ${group.length - most} more` }];
  });
}

/** One result on one line, for logs: `check [cluster]: status: message; remedy`. */
export function resultLine({ check, cluster, status, message, remedy }: PreflightCheckResult): string {
  const about = cluster === undefined ? check : `${check} [${cluster}]`;
  return `${about}: ${status}: ${message}${remedy === undefined ? "" : `; ${remedy}`}`;
}
