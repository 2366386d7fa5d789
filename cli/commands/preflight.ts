import type { Command } from "commander";
import type { SkippedCheck } from "../../preflight/run-checks.ts";
import type { PrismCentralLogin } from "../../prism-central/transport.ts";
import { onInterrupt } from "../engine/interrupt.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { print } from "../output/print.ts";

interface PreflightCommandOptions {
  readonly stack: string;
  readonly cluster?: readonly string[];
  readonly json?: boolean;
  readonly skip?: readonly SkippedCheck[];
  readonly list?: boolean;
}

const HELP = `
Checks what a stack needs of Prism Central and of the management cluster, before any resource is created. Read-only.

Logins are those of the stack: Pulumi's own engine decrypts its secrets, with your passphrase or key. Without Pulumi, set the
passwords in the environment:
  K0RDENT_NUTANIX_PASSWORD_GLOBAL    password of credentials.global
  K0RDENT_NUTANIX_PASSWORD_<ENTRY>   of another entry, in upper case, with '_' for '-'
  K0RDENT_NUTANIX_USERNAME_<ENTRY>   its user name, where it is a secret in the stack file
HTTPS_PROXY and NO_PROXY are honoured.

Examples:
  $ npm run preflight -- --stack mine
  $ npm run preflight -- --stack mine --cluster edge --skip 'endpoint-is-unused:the firewall answers for it'

Exit codes: 0 no check failed, 1 a check failed, 2 invalid usage or stack file.`;

export function registerPreflight(program: Command): void {
  program
    .command("preflight")
    .description("check Prism Central and the management cluster before any resource is created")
    .option("--stack <name>", "stack, as in Pulumi.<name>.yaml", "dev")
    .option("--cluster <name>", "cluster of the stack to check, repeatable (default: all)", collect)
    .option("--json", "print the whole report as JSON")
    .option("--skip <id:reason>", "skip a check, repeatable; the report lists it", collectSkips)
    .option("--list", "print the checks, and run none")
    .addHelpText("after", HELP)
    .action(preflight);
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function collectSkips(value: string, before: readonly SkippedCheck[] = []): SkippedCheck[] {
  const colon = value.indexOf(":");
  const [id, reason] = [value.slice(0, colon), value.slice(colon + 1).trim()];
  if (colon < 1 || reason === "") {
    throw new Failure(`--skip: "${value}" has no reason; write --skip 'id:reason'`, EXIT.usage);
  }
  return [...before, { id, reason }];
}

async function preflight(options: PreflightCommandOptions): Promise<void> {
  if (options.list) return list();
  const signal = onInterrupt((line) => process.stderr.write(`${line}\n`));
  const { readPlainStack } = await import("../stack/stack-config.ts");
  const { preflight, skipViolations, skipsOf } = await import("../../preflight/index.ts");
  const { exitCodeOf } = await import("../../preflight/preflight-report.ts");
  const read = await readPlainStack(options.stack);
  const clusters = chosen(options.cluster, Object.keys(read.config.clusters));
  const skips = options.skip ?? [];
  const faults = skipViolations(skipsOf({ stack: read.config, skips }), read.config);
  if (faults.length > 0) {
    const { formatViolations } = await import("../../policy/rules/violation.ts");
    throw new Failure(formatViolations("invalid skips:", faults), EXIT.usage);
  }
  const { managementAccess } = await import("../../components/internal/run-preflight.ts");
  const { openLogins } = await import("../stack/stack-credentials.ts");
  const { readRecordedCluster } = await import("../stack/recorded-cluster.ts");
  const { chartRenderer } = await import("../stack/chart-renderer.ts");
  const { findTools } = await import("../../sandbox/ensure-tools.ts");
  const { paths } = await findTools(["helm"]);
  const [logins, recorded] = await Promise.all([
    openLogins(options.stack, read),
    readRecordedCluster(options.stack, read.project),
  ]);
  for (const line of logins.notes) process.stderr.write(`${line}\n`);
  const { access, bundles, ...stack } = read.config;
  const report = await preflight({
    ...{ stack, bundles, clusters, skips, signal },
    identity: `${read.project}.${options.stack}`,
    login: (entry): PrismCentralLogin | undefined => logins.byEntry.get(entry),
    management: { ...(await managementAccess(access)), recorded },
    ...(paths.helm === undefined ? {} : { renderChart: chartRenderer(paths.helm) }),
  });
  if (options.json) print(JSON.stringify(report, null, 2));
  else {
    const { reportText } = await import("../output/report-text.ts");
    print(reportText(report));
  }
  process.exitCode = exitCodeOf(report);
}

async function list(): Promise<void> {
  const { CHECKS } = await import("../../preflight/checks.ts");
  const { checksTable } = await import("../output/report-text.ts");
  print(checksTable(CHECKS));
}

/** @throws Failure naming the clusters that there are. */
function chosen(asked: readonly string[] | undefined, all: readonly string[]): readonly string[] {
  const unknown = asked?.find((name) => !all.includes(name));
  if (unknown === undefined) return asked ?? all;
  const there = all.length === 0 ? "the stack has none" : `the stack has ${all.join(", ")}`;
  throw new Failure(`--cluster: "${unknown}" is not a cluster of the stack; ${there}`, EXIT.usage);
}
