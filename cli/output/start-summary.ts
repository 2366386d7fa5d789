import { styleText } from "node:util";
import { yamlText } from "../../kubernetes/yaml-text.ts";
import { type PreflightReport, summaryLine } from "../../preflight/preflight-report.ts";
import type { ObjectRow } from "../stack/stack-objects.ts";
import { heading } from "./print.ts";
import { resultsTable } from "./report-text.ts";
import { textTable } from "./text-table.ts";

/** The result of `npm start`. */
export interface StartSummary {
  readonly stack: string;
  readonly sandbox: string;
  /** Address of the API server. */
  readonly server: string;
  readonly rows: readonly ObjectRow[];
  readonly report: PreflightReport | undefined;
  readonly outputs: unknown;
  readonly notes: readonly string[];
  readonly changes: string;
  readonly seconds: number;
}

export function startSummary(summary: StartSummary): string {
  const { stack, sandbox, server, rows, report, outputs, notes, changes, seconds } = summary;
  const folder = `.local/sandbox/${sandbox}`;
  return [
    `\n${heading("Objects")} in the management cluster ${server}`,
    objectsTable(rows),
    ...(report === undefined ? [] : preflightLines(report, `${folder}/preflight.txt`)),
    `\n${heading("Outputs")} of the stack; secrets are masked`,
    outputsText(outputs),
    ...notes,
    `\n${heading("Changes")}: ${changes}`,
    `Done in ${seconds} s. This is a sandbox: the API server and the engine are real, the machines are simulated.`,
    ...unreadyLines(rows),
    `\n${heading("Next steps")}`,
    "  list the clusters:",
    `    kubectl --kubeconfig ${folder}/kubeconfig get clusterdeployments -A`,
    "  deploy to your own management cluster: README.md, Your own cluster",
    "  remove the stack, the sandbox and the state:",
    `    npm run down${stack === "dev" ? "" : ` -- --stack ${stack}`}`,
  ].join("\n");
}

/** At the end of a long text, where it is read. */
function unreadyLines(rows: readonly ObjectRow[]): string[] {
  const count = unready(rows).length;
  if (count === 0) return [];
  const text = `${count} of ${rows.length} objects ${count === 1 ? "is" : "are"} not ready: npm run doctor says why`;
  return [styleText("red", text, { stream: process.stdout })];
}

const unready = (rows: readonly ObjectRow[]) => rows.filter(({ isReady }) => !isReady);

function preflightLines(report: PreflightReport, file: string): string[] {
  const open = report.results.filter(({ status }) => status !== "pass");
  return [
    `\n${heading("Preflight")}, against a simulated Prism Central and this management cluster`,
    ...(open.length === 0 ? [] : [resultsTable(open)]),
    `preflight: ${summaryLine(report)}; all results are in ${file}`,
  ];
}

/** The table of all objects of the stack, and a line that counts them. */
export function objectsTable(rows: readonly ObjectRow[]): string {
  const cells = rows.map(({ kind, name, namespace, isReady, text }) => [
    ...[kind, name, namespace || "-"],
    styleText(isReady ? "green" : "red", text, { stream: process.stdout }),
  ]);
  const { length: count } = unready(rows);
  const table = textTable(["KIND", "NAME", "NAMESPACE", "READINESS"], cells);
  return `${table}\n${rows.length} objects, ${count === 0 ? "all ready" : `${count} not ready`}`;
}

/** Outputs as indented YAML; the engine masks secrets. */
export function outputsText(outputs: unknown): string {
  return yamlText(outputs).trimEnd().replace(/^/gm, "  ");
}
