/** A preflight's report as tables for a terminal. */
import { styleText } from "node:util";
import Table from "cli-table3";
import type { Check, CheckResult } from "../../preflight/check.ts";
import { type PreflightReport, summaryLine } from "../../preflight/preflight-report.ts";
import { heading, PLAIN_BORDERS } from "./print.ts";

const WORDS: Readonly<Record<CheckResult["verdict"], string>> = { pass: "pass", fail: "FAIL", unknown: "not known" };
const COLOURS = { pass: "green", fail: "red", unknown: "yellow" } as const;

/** Width of the two columns of prose; names are never wrapped. */
const PROSE = 60;

/** Findings, what was skipped, what nobody could ask, and the count. */
export function reportText(report: PreflightReport): string {
  const skipped = report.skipped.map(({ id, reason }) => `  ${id}: ${reason}`);
  const unasked = report.unasked.flatMap(({ question, command }) => [`  [ ] ${question}`, `      ${command}`]);
  return [
    findingsTable(report.findings),
    ...(skipped.length === 0 ? [] : ["", heading("Skipped"), ...skipped]),
    "",
    `${heading("Not asked")}, since only machines can answer; to tick, each with the command that answers it`,
    ...unasked,
    "",
    summaryLine(report),
  ].join("\n");
}

/** Findings as a table. */
export function findingsTable(findings: readonly CheckResult[]): string {
  const table = plainTable(["CHECK", "CLUSTER", "VERDICT", "FOUND", "REMEDY"], [null, null, null, PROSE, PROSE]);
  for (const { check, cluster, verdict, found, remedy } of findings) {
    const word = styleText(COLOURS[verdict], WORDS[verdict], { stream: process.stdout });
    table.push([check, cluster ?? "-", word, found, remedy ?? ""]);
  }
  return printed(table);
}

/** Every check's id and what it asks. */
export function checksTable(checks: readonly Check[]): string {
  const table = plainTable(["CHECK", "ASKS"], [null, null]);
  for (const { id, asks } of checks) table.push([id, asks]);
  return `${printed(table)}\n${checks.length} checks`;
}

function plainTable(head: string[], colWidths: (number | null)[]) {
  return new Table({
    ...{ head, colWidths, chars: PLAIN_BORDERS, wordWrap: true },
    style: { head: [], border: [], compact: true },
  });
}

function printed(table: { toString(): string }): string {
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
