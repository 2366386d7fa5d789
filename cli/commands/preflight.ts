import type { Command } from "commander";
import type { PrismCentralLogin } from "../../preflight/check.ts";
import type { Skip } from "../../preflight/run-checks.ts";
import { onInterrupt } from "../engine/interrupt.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { print } from "../output/print.ts";

interface PreflightCommandOptions {
  readonly stack: string;
  readonly cluster?: readonly string[];
  readonly json?: boolean;
  readonly skip?: readonly Skip[];
  readonly list?: boolean;
}

const HELP = `
Asks Prism Central and the management cluster what a stack needs of them, before any machine is asked for. Reads only.

Logins are those of the stack: its secrets are opened by Pulumi's own engine, with the passphrase or key that you use it with. Where
there is no engine, give the passwords in the environment, never as an argument:
  K0RDENT_NUTANIX_PASSWORD_GLOBAL    password of credentials.global
  K0RDENT_NUTANIX_PASSWORD_<ENTRY>   of another entry, in capitals, '-' as '_'
  K0RDENT_NUTANIX_USERNAME_<ENTRY>   its user name, where the stack file holds it as a secret
HTTPS_PROXY and NO_PROXY are heeded.

Examples:
  $ npm run preflight -- --stack mine
  $ npm run preflight -- --stack mine --cluster edge --skip 'endpoint-is-unused:the firewall answers for it'

Exit codes: 0 nothing failed, 1 something failed, 2 wrong use or wrong stack file.`;

export function registerPreflight(program: Command): void {
  program
    .command("preflight")
    .description("ask Prism Central and the management cluster before any machine is asked for")
    .option("--stack <name>", "stack, as in Pulumi.<name>.yaml", "dev")
    .option("--cluster <name>", "cluster of the stack to ask about, any number of times (default: all)", gathered)
    .option("--json", "print the whole report as JSON")
    .option("--skip <id:reason>", "leave a check out, any number of times; the report echoes it", skipped)
    .option("--list", "print every check's id and what it asks, and ask nothing")
    .addHelpText("after", HELP)
    .action(preflight);
}

function gathered(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function skipped(value: string, before: readonly Skip[] = []): Skip[] {
  const colon = value.indexOf(":");
  const [id, reason] = [value.slice(0, colon), value.slice(colon + 1).trim()];
  if (colon < 1 || reason === "") {
    throw new Failure(`--skip: "${value}" is wrong because it has no reason; write --skip 'id:reason'`, EXIT.usage);
  }
  return [...before, { id, reason }];
}

async function preflight(options: PreflightCommandOptions): Promise<void> {
  if (options.list) return list();
  const signal = onInterrupt((line) => process.stderr.write(`${line}\n`));
  const { readPlainStack } = await import("../stack/stack-config.ts");
  const { preflight, skipFaults, skipsOf } = await import("../../preflight/index.ts");
  const { exitCodeOf } = await import("../../preflight/preflight-report.ts");
  const read = await readPlainStack(options.stack);
  const clusters = chosen(options.cluster, Object.keys(read.config.clusters));
  const skips = options.skip ?? [];
  const faults = skipFaults(skipsOf({ stack: read.config, skips }), read.config);
  if (faults.length > 0) {
    const { formatViolations } = await import("../../policy/rules/violation.ts");
    throw new Failure(formatViolations("these checks cannot be skipped:", faults), EXIT.usage);
  }
  const { managementAccess } = await import("../../components/internal/run-preflight.ts");
  const { openLogins } = await import("../stack/stack-credentials.ts");
  const { readRecordedCluster } = await import("../stack/recorded-cluster.ts");
  const { chartRenderer } = await import("../stack/chart-renderer.ts");
  const { findTools } = await import("../../sandbox/ensure-tools.ts");
  const { paths } = await findTools(["helm"]);
  const [logins, remembered] = await Promise.all([
    openLogins(options.stack, read),
    readRecordedCluster(options.stack, read.project),
  ]);
  for (const line of logins.notes) process.stderr.write(`${line}\n`);
  const { access, bundles, ...stack } = read.config;
  const report = await preflight({
    ...{ stack, bundles, clusters, skips, signal },
    identity: `${read.project}.${options.stack}`,
    login: (entry): PrismCentralLogin | undefined => logins.byEntry.get(entry),
    management: { ...(await managementAccess(access)), remembered },
    ...(paths.helm === undefined ? {} : { render: chartRenderer(paths.helm) }),
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
  throw new Failure(`--cluster: "${unknown}" is no cluster of the stack; ${there}`, EXIT.usage);
}
