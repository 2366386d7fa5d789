import { styleText } from "node:util";
import { withoutNames } from "../../kubernetes/without-names.ts";
import { type Evidence, type Finding, MAX_NAMES, someOf } from "../../operations/diagnoses/finding.ts";
import { printableLine } from "../../policy/rules/printable.ts";
import { maxRepeats } from "../../policy/rules/violation.ts";
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
  const groups = Map.groupBy(findings, sharedKey);
  const blocks = [...groups.values()].flatMap((group) => {
    const shown = group.length > maxRepeats() ? group.slice(0, 1) : group;
    return [...shown.map((finding) => findingText(finding, now)), ...alsoLines(group.slice(shown.length))];
  });
  const counts = (["error", "warning", "info"] as const)
    .map((severity) => [severity, findings.filter((one) => one.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}${count === 1 || severity === "info" ? "" : "s"}`);
  return [...blocks, ...missing.map((sentence) => `  (${sentence})`), counts.join(", ") || "no findings"].join("\n");
}

/** Findings that say the same of different objects. */
function sharedKey({ id, cause, remedy, subject, cluster = "" }: Finding): string {
  return withoutNames([id, cause, remedy].join(), [subject.replace(/^\S+ /, ""), cluster]);
}

function findingText({ id, severity, cause, evidence, remedy, cluster }: Finding, now: string): string {
  const { sign, colour } = STYLES[severity];
  const most = Math.max(MAX_NAMES, maxRepeats());
  const head = styleText(colour, `${sign} ${printableLine(cause)}`, { stream: process.stdout });
  return [
    `${head}${cluster === undefined ? "" : `  (cluster ${cluster})`}`,
    ...evidence.slice(0, most).map((one) => `    ${evidenceText(one, now)}`),
    ...(evidence.length > most ? [`    and ${evidence.length - most} more; --verbose prints each`] : []),
    `    → ${printableLine(remedy)}  [${id}]`,
  ].join("\n");
}

/** The clusters, or objects, that have the same finding as the one above. */
function alsoLines(rest: readonly Finding[]): string[] {
  if (rest.length === 0) return [];
  const names = [...new Set(rest.map(({ cluster, subject }) => cluster ?? subject))];
  return [`    ${sameOf(names)}; --verbose prints each`];
}

/** Names the others to which the text above applies. */
export function sameOf(names: readonly string[]): string {
  return `the same for ${someOf(names)}`;
}

function evidenceText({ what, of, text, since }: Evidence, now: string): string {
  return printableLine(`${what} of ${of}${since ? `, for ${age(since, now)}` : ""}: ${text}`);
}
