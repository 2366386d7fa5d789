/** The result of a run for people and for programs. */
import type { Environment } from "../schema/stack.ts";
import type { CheckResult } from "./check.ts";
import { MANUAL_CHECKS, type ManualCheck } from "./manual-checks.ts";
import type { PreflightResult } from "./run-checks.ts";

export interface PreflightSummary {
  readonly passed: number;
  readonly failed: number;
  readonly unknown: number;
  /** What was not asked, or could not be, counts as a warning where mistakes are dear. */
  readonly warnings: number;
}

/** A whole report as plain data: what `--json` prints. */
export interface PreflightReport extends PreflightResult {
  readonly environment: Environment;
  readonly summary: PreflightSummary;
  /** What nobody can ask before machines exist, each with the command that answers it then. */
  readonly unasked: readonly ManualCheck[];
}

export function reportOf(result: PreflightResult, environment: Environment): PreflightReport {
  const count = (verdict: CheckResult["verdict"]) => result.findings.filter((one) => one.verdict === verdict).length;
  const unknown = count("unknown");
  return {
    environment,
    findings: result.findings,
    skipped: result.skipped,
    summary: {
      passed: count("pass"),
      failed: count("fail"),
      unknown,
      warnings: environment === "production" ? unknown : 0,
    },
    unasked: MANUAL_CHECKS,
  };
}

/** 1 when something failed; what is not known fails nothing. */
export function exitCodeOf({ summary }: PreflightReport): 0 | 1 {
  return summary.failed > 0 ? 1 : 0;
}

/** `14 passed, 1 failed, 2 not known (a warning in production)`. */
export function summaryLine({ summary, environment }: PreflightReport): string {
  const { passed, failed, unknown } = summary;
  const warning = environment === "production" && unknown > 0 ? " (a warning in production)" : "";
  return `${passed} passed, ${failed} failed, ${unknown} not known${warning}`;
}

/** One finding on one line, for logs: `check [cluster]: verdict: found; remedy`. */
export function findingLine({ check, cluster, verdict, found, remedy }: CheckResult): string {
  const about = cluster === undefined ? check : `${check} [${cluster}]`;
  return `${about}: ${verdict === "unknown" ? "not known" : verdict}: ${found}${remedy === undefined ? "" : `; ${remedy}`}`;
}
