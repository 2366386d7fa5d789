import { resolve } from "node:path";
import { styleText } from "node:util";
import type { Command } from "commander";
import type { Redact } from "../../kubernetes/redact.ts";
import type { Evidence, Finding, Severity } from "../../operations/diagnoses/finding.ts";
import { diagnose, gravest } from "../../operations/diagnoses/index.ts";
import { managementUnreachable } from "../../operations/diagnoses/unreachable.ts";
import { EXIT, Failure, isExplained } from "../output/failure.ts";
import { print } from "../output/print.ts";
import { age } from "../output/tree.ts";
import { collectDiagnostics, type Diagnostics } from "../stack/collect-diagnostics.ts";
import { openTarget, type Target, type TargetCommandOptions, withTargetOptions } from "../stack/target.ts";

interface DoctorOptions extends TargetCommandOptions {
  readonly cluster?: string;
  readonly json?: boolean;
  readonly bundle?: string;
}

const HELP = `
Looks at kcm, its providers, and every cluster of the stack, and says what is wrong: the most likely cause first, with the
object, condition, event or log line that it rests on, and what to do. Writes nothing in the cluster. What each finding means
stands in docs/troubleshooting.md under its name. --bundle writes all that was looked at into an archive for a ticket, secrets
taken out.

Examples:
  $ npm run doctor
  $ npm run doctor -- --stack mine --cluster edge
  $ npm run doctor -- --bundle doctor.tar.gz
  $ npm run --silent doctor -- --json | jq '.findings[0]'

Exit codes: 0 nothing is wrong, 1 the doctor could not look, 2 wrong use, 3 something is wrong, 4 warnings only.`;

/** Exit code of the gravest finding: 0 where there is none, or nothing but what is good to know. */
const CODES: Readonly<Record<Severity, number>> = { error: EXIT.unready, warning: EXIT.warned, info: 0 };

export function registerDoctor(program: Command): void {
  withTargetOptions(program.command("doctor"))
    .description("what is wrong, why, and what to do: the most likely cause first")
    .option("--cluster <name>", "only this cluster, and what all clusters need")
    .option("--json", "as JSON, for programs")
    .option("--bundle <file>", "write what was looked at into a tar.gz, secrets taken out")
    .addHelpText("after", HELP)
    .action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  const place = await openTarget(options);
  const gathered = await look(place);
  const isGathered = "the" in gathered;
  const findings = isGathered ? chosen(gathered, place, options.cluster) : [gathered];
  const now = isGathered ? gathered.the.snapshot.takenAt : new Date().toISOString();
  const redact: Redact = isGathered ? gathered.redact : (text) => text;
  if (options.bundle !== undefined) {
    if (!isGathered) throw new Failure(`--bundle: there is nothing to write, since ${gathered.cause}`);
    const { writeBundle } = await import("../output/support-bundle.ts");
    const file = resolve(options.bundle);
    const files = await writeBundle(file, gathered, findings);
    process.stderr.write(`${files} files in ${file}, secrets taken out; look through them before you send it\n`);
  }
  const missing = isGathered ? gathered.missing : [];
  const text = options.json
    ? JSON.stringify({ server: place.client.server, takenAt: now, findings, missing }, undefined, 2)
    : findingsText(findings, { now, missing });
  print(redact(text));
  const worst = gravest(findings);
  if (worst !== undefined) process.exitCode = CODES[worst];
}

/** A cluster that does not answer is a finding too. */
async function look(place: Target): Promise<Diagnostics | Finding> {
  try {
    return await collectDiagnostics(place);
  } catch (error) {
    if (isExplained(error)) return managementUnreachable(place.client.server, error.message);
    throw error;
  }
}

/** Findings of the clusters that are meant, and of what all of them need. */
function chosen({ the }: Diagnostics, { identity, planned }: Target, cluster: string | undefined): Finding[] {
  const findings = diagnose(the);
  if (cluster === undefined && identity === undefined) return findings;
  const ours = the.snapshot.objects.ClusterDeployment.filter(
    ({ metadata }) => metadata.labels?.["k0rdent-nutanix/stack"] === identity,
  ).map(({ metadata }) => metadata.name);
  const names = new Set(cluster === undefined ? [...ours, ...planned] : [cluster]);
  return findings.filter((finding) => finding.cluster === undefined || names.has(finding.cluster));
}

const LOOKS = {
  error: { sign: "✖", colour: "red" },
  warning: { sign: "!", colour: "yellow" },
  info: { sign: "…", colour: "gray" },
} as const;

/** All findings, each with its evidence and remedy, and a line that counts them. */
export function findingsText(
  findings: readonly Finding[],
  { now, missing }: { now: string; missing: readonly string[] },
): string {
  const blocks = findings.map(({ id, severity, cause, evidence, remedy, cluster }) => {
    const { sign, colour } = LOOKS[severity];
    const whose = cluster === undefined ? "" : `  (cluster ${cluster})`;
    const head = styleText(colour, `${sign} ${cause}`, { stream: process.stdout });
    return [
      `${head}${whose}`,
      ...evidence.map((one) => `    ${evidenceText(one, now)}`),
      `    → ${remedy}  [${id}]`,
    ].join("\n");
  });
  const counts = (["error", "warning", "info"] as const)
    .map((severity) => [severity, findings.filter((one) => one.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}${count === 1 || severity === "info" ? "" : "s"}`);
  const verdict = counts.length === 0 ? "nothing is wrong" : counts.join(", ");
  return [...blocks, ...missing.map((sentence) => `  (${sentence})`), verdict].join("\n");
}

function evidenceText({ what, of, text, since }: Evidence, now: string): string {
  const how = since === undefined || since === "" ? "" : `, for ${age(since, now)}`;
  return `${what} of ${of}${how}: ${text.split("\n").join(" ")}`;
}
