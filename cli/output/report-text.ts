/** A preflight report as text for a terminal. */
import { styleText } from "node:util";
import type { Check } from "../../preflight/check.ts";
import { type PreflightReport, sharedResults, summaryLine } from "../../preflight/preflight-report.ts";
import type { PreflightCheckResult } from "../../preflight/run-checks.ts";
import { heading } from "./print.ts";
import { textTable } from "./text-table.ts";

const COLOURS = { pass: "green", fail: "red", inconclusive: "yellow" } as const;

/** Width of the columns with sentences; names never wrap. */
const SENTENCE = 60;

/** Results, skipped checks, manual checks, and the summary. */
export function reportText(report: PreflightReport): string {
  const skipped = report.skipped.map(({ id, reason }) => `  ${id}: ${reason}`);
  return [
    resultsTable(report.results),
    ...(skipped.length === 0 ? [] : ["", heading("Skipped"), ...skipped]),
    "",
    `${heading("Manual checks")}, which need a machine:`,
    ...report.manualChecks.flatMap(({ description, command }) => [`  [ ] ${description}`, `      ${command}`]),
    "",
    summaryLine(report),
  ].join("\n");
}

export function resultsTable(results: readonly PreflightCheckResult[]): string {
  const rows = sharedResults(results).map(({ check, cluster, status, message, remedy }) => {
    const text = styleText(COLOURS[status], status === "fail" ? "FAIL" : status, { stream: process.stdout });
    return [check, cluster ?? "-", text, message, remedy ?? ""];
  });
  return textTable(["CHECK", "CLUSTER", "STATUS", "MESSAGE", "REMEDY"], rows, [null, null, null, SENTENCE, SENTENCE]);
}

/** Every check with its description. */
export function checksTable(checks: readonly Check[]): string {
  const rows = checks.map(({ id, description }) => [id, description]);
  return `${textTable(["CHECK", "DESCRIPTION"], rows)}\n${checks.length} checks`;
}
