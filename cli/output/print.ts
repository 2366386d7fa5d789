import { styleText } from "node:util";
import Table from "cli-table3";
import { stringify } from "yaml";
import type { ObjectRow } from "../stack/stack-objects.ts";

/** Prints a line. */
export function print(text = ""): void {
  process.stdout.write(`${text}\n`);
}

/** A heading; bold only on a terminal. */
export function heading(text: string): string {
  return styleText("bold", text, { stream: process.stdout });
}

/** The table of everything in the cluster, and a line that counts it. */
export function objectsTable(rows: readonly ObjectRow[]): string {
  const table = new Table({
    head: ["KIND", "NAME", "NAMESPACE", "READINESS"],
    style: { head: [], border: [], compact: true },
    chars: PLAIN_BORDERS,
    wordWrap: true,
  });
  for (const { kind, name, namespace, isReady, text } of rows) {
    const colour = isReady ? "green" : "red";
    table.push([kind, name, namespace || "-", styleText(colour, text, { stream: process.stdout })]);
  }
  const unready = rows.filter(({ isReady }) => !isReady).length;
  const verdict = unready === 0 ? "all ready" : `${unready} not ready`;
  const lines = table.toString().split("\n");
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n${rows.length} objects, ${verdict}`;
}

/** Columns without lines between them: they survive copying, searching and a narrow window. */
export const PLAIN_BORDERS = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " },
};

/** Outputs as YAML, indented, their secrets masked by the engine. */
export function outputsText(outputs: unknown): string {
  return stringify(outputs, { lineWidth: 0 })
    .trimEnd()
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}
