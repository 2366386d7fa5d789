import type { Command } from "commander";
import type { SkippedCheck } from "../../preflight/run-checks.ts";
import { onInterrupt } from "../engine/interrupt.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { note, print } from "../output/print.ts";
import { parseStack } from "../stack/stack-reference.ts";

interface PreflightFlags {
  readonly stack: string;
  readonly cluster?: readonly string[];
  readonly json?: boolean;
  readonly skip?: readonly SkippedCheck[];
  readonly list?: boolean;
}

const HELP = `
Checks Prism Central and the management cluster before a stack is deployed. Reads only.

Logins come from the stack: Pulumi's engine decrypts its secrets with your passphrase or key. Without an engine, set the
passwords in the environment, never as an argument:
  K0RDENT_NUTANIX_PASSWORD_GLOBAL    password of credentials.global
  K0RDENT_NUTANIX_PASSWORD_<ENTRY>   password of another entry, in capitals, '-' as '_'
  K0RDENT_NUTANIX_USERNAME_<ENTRY>   its user name, if the stack file holds it as a secret
HTTPS_PROXY and NO_PROXY apply.

Examples:
  $ npm run preflight -- --stack mine
  $ npm run preflight -- --stack mine --cluster edge --skip 'endpoint-is-unused:the firewall answers for it'

Exit codes: 0 no check failed, 1 a check failed, 2 usage or configuration error.`;

export function registerPreflight(program: Command): void {
  program
    .command("preflight")
    .description("check Prism Central and the management cluster before a deployment")
    .option("--stack <name>", "stack, as in Pulumi.<name>.yaml", parseStack, "dev")
    .option("--cluster <name>", "cluster of the stack to check, repeatable (default: all)", collectCluster)
    .option("--json", "print JSON")
    .option("--skip <id:reason>", "skip a check, repeatable; the report lists it", collectSkip)
    .option("--list", "list all checks and run none")
    .addHelpText("after", HELP)
    .action(runPreflight);
}

function collectCluster(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function collectSkip(value: string, before: readonly SkippedCheck[] = []): SkippedCheck[] {
  const colon = value.indexOf(":");
  const [id, reason] = [value.slice(0, colon), value.slice(colon + 1).trim()];
  if (colon < 1 || reason === "")
    throw new Failure(`--skip: "${value}" has no reason; write --skip 'id:reason'`, EXIT.usage);
  return [...before, { id, reason }];
}

async function runPreflight({ stack, cluster, json, skip = [], list }: PreflightFlags): Promise<void> {
  const { checksTable, reportText } = await import("../output/report-text.ts");
  if (list) return print(checksTable((await import("../../preflight/checks.ts")).CHECKS));
  const signal = onInterrupt(note);
  const { runStackPreflight } = await import("../stack/run-stack-preflight.ts");
  const report = await runStackPreflight({ stack, clusters: cluster, skips: skip, signal });
  print(json ? JSON.stringify(report, null, 2) : reportText(report));
  const { exitCodeOf } = await import("../../preflight/preflight-report.ts");
  process.exitCode = exitCodeOf(report);
}
