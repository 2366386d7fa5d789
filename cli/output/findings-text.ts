import { styleText } from "node:util";
import type { Evidence, Finding } from "../../operations/diagnoses/finding.ts";
import { age } from "./tree.ts";

const STYLES = {
  error: { sign: "✖", colour: "red" },
  warning: { sign: "!", colour: "yellow" },
  info: { sign: "…", colour: "gray" },
} as const;

/** All findings with evidence and remedy, and a line that counts them. */
export function findingsText(
  findings: readonly Finding[],
  { now, missing }: { now: string; missing: readonly string[] },
): string {
  const blocks = findings.map(({ id, severity, cause, evidence, remedy, cluster }) => {
    const { sign, colour } = STYLES[severity];
    const head = styleText(colour, `${sign} ${cause}`, { stream: process.stdout });
    return [
      `${head}${cluster === undefined ? "" : `  (cluster ${cluster})`}`,
      ...evidence.map((one) => `    ${evidenceText(one, now)}`),
      `    → ${remedy}  [${id}]`,
    ].join("\n");
  });
  const counts = (["error", "warning", "info"] as const)
    .map((severity) => [severity, findings.filter((one) => one.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}${count === 1 || severity === "info" ? "" : "s"}`);
  return [...blocks, ...missing.map((sentence) => `  (${sentence})`), counts.join(", ") || "no findings"].join("\n");
}

function evidenceText({ what, of, text, since }: Evidence, now: string): string {
  return `${what} of ${of}${since ? `, for ${age(since, now)}` : ""}: ${text.split("\n").join(" ")}`;
}
