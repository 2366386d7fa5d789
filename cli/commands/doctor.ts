import type { Command } from "commander";
import { redactedJson } from "../../kubernetes/redact.ts";
import type { Severity } from "../../operations/diagnoses/finding.ts";
import { EXIT } from "../output/failure.ts";
import { note, print } from "../output/print.ts";
import { type TargetCommandOptions, withTargetOptions } from "../stack/target.ts";

interface DoctorOptions extends TargetCommandOptions {
  readonly cluster?: string;
  readonly json?: boolean;
  readonly bundle?: string;
}

const HELP = `
Reads kcm, its providers and every cluster of the stack, and prints findings: the most likely cause first, each with the
object, condition, event or log line it is based on, and the remedy. Changes nothing in the cluster. docs/reference/findings.md
describes every finding. --bundle writes everything that was read into an archive for a support ticket, with secrets redacted.

Examples:
  $ npm run doctor
  $ npm run doctor -- --stack mine --cluster edge
  $ npm run doctor -- --bundle doctor.tar.gz
  $ npm run --silent doctor -- --json | jq '.findings[0]'

Exit codes: 0 no findings, 1 failed, 2 usage error, 3 errors, 4 warnings only.`;

/** Exit code by the highest severity. */
const CODES: Readonly<Record<Severity, number>> = { error: EXIT.notReady, warning: EXIT.warnings, info: 0 };

export function registerDoctor(program: Command): void {
  withTargetOptions(program.command("doctor"))
    .description("diagnose clusters: findings ordered by likely cause")
    .option("--cluster <name>", "only this cluster, and what all clusters depend on")
    .option("--json", "print JSON")
    .option("--bundle <file>", "write everything that was read into a tar.gz, with secrets redacted")
    .addHelpText("after", HELP)
    .action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  const { diagnoseTarget, writeSupportBundle } = await import("../stack/diagnose-target.ts");
  const { findingsText } = await import("../output/findings-text.ts");
  const diagnosis = await diagnoseTarget(options);
  if (options.bundle !== undefined) note(await writeSupportBundle(options.bundle, diagnosis));
  const { server, now, findings, missing, redact, severity } = diagnosis;
  const text = options.json
    ? redactedJson({ server, takenAt: now, findings, missing }, redact)
    : redact(findingsText(findings, { now, missing }));
  print(text);
  if (severity !== undefined) process.exitCode = CODES[severity];
}
