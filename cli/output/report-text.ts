/** A preflight's report as tables for a terminal. */
import { styleText } from "node:util";
import Table from "cli-table3";
import type { Check } from "../../preflight/check.ts";
import { type PreflightReport, summaryLine } from "../../preflight/preflight-report.ts";
import type { PreflightCheckResult } from "../../preflight/run-checks.ts";
import { heading, PLAIN_BORDERS } from "./print.ts";

const COLOURS = { pass: "green", fail: "red", inconclusive: "yellow" } as const;

/** Width of the two columns of text; names are never wrapped. */
const TEXT = 60;

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
  const table = plainTable(["CHECK", "CLUSTER", "STATUS", "MESSAGE", "REMEDY"], [null, null, null, TEXT, TEXT]);
  for (const { check, cluster, status, message, remedy } of results) {
    const text = status === "fail" ? "FAIL" : status;
    table.push([
      check,
      cluster ?? "-",
      styleText(COLOURS[status], text, { stream: process.stdout }),
      message,
      remedy ?? "",
    ]);
  }
  return tableText(table);
}

/** Every check's id and description. */
export function checksTable(checks: readonly Check[]): string {
  const table = plainTable(["CHECK", "DESCRIPTION"], [null, null]);
  for (const { id, description } of checks) table.push([id, description]);
  return `${tableText(table)}\n${checks.length} checks`;
}

function plainTable(head: string[], colWidths: (number | null)[]) {
  return new Table({
    ...{ head, colWidths, chars: PLAIN_BORDERS, wordWrap: true },
    style: { head: [], border: [], compact: true },
  });
}

function tableText(table: { toString(): string }): string {
  return table.toString().replaceAll(/ +$/gm, "");
}
