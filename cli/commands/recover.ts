import type { Command } from "commander";
import { EXIT, Failure } from "../output/failure.ts";
import { print } from "../output/print.ts";
import { type TargetCommandOptions, withTargetOptions } from "../stack/target.ts";

interface RecoverFlags extends TargetCommandOptions {
  readonly cluster: string;
  readonly reset?: boolean;
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly timeout: string;
  readonly trustBundle?: string;
}

const HELP = `
Prints the findings about a cluster and a recovery plan, and asks before it runs the plan. Safe steps come first: it deletes
machines that CAPX has marked as failed, so that they are replaced, and it makes Flux retry. A cluster that was never ready is
deleted and deployed again with its stack; one that was ready only with --reset. A NutanixCluster that was deleted before its
machines is created again with its Secret and its trust bundle, until CAPX has deleted the virtual machines. Finalizers of
machines whose deletion hangs are removed only with --force; the plan names the virtual machine that would stay in Prism
Central.

Examples:
  $ npm run recover -- --cluster edge
  $ npm run recover -- --cluster edge --stack mine --reset

Exit codes: 0 done or nothing to do, 1 failed, 2 usage error or not confirmed, 3 steps remain that need --reset or --force.`;

export function registerRecover(program: Command): void {
  withTargetOptions(program.command("recover"))
    .description("recover a cluster that does not become ready, step by step")
    .requiredOption("--cluster <name>", "the cluster")
    .option("--reset", "delete the cluster and deploy it again, although its control plane was ready")
    .option("--force", "remove finalizers of machines whose deletion hangs")
    .option("--trust-bundle <file>", "PEM file of the CAs in a trust bundle that does not exist any more")
    .option("--yes", "skip the confirmation")
    .option("--timeout <minutes>", "how long to wait for the deletion of a cluster, or of its machines", "60")
    .addHelpText("after", HELP)
    .action(recover);
}

async function recover({ reset = false, force = false, yes = false, ...flags }: RecoverFlags): Promise<void> {
  const timeout = Number(flags.timeout);
  if (!(timeout > 0))
    throw new Failure(`--timeout: "${flags.timeout}" is not a number of minutes; write one like 60`, EXIT.usage);
  const { recoverCluster } = await import("../stack/recover-cluster.ts");
  const { confirm } = await import("../output/confirm.ts");
  const { findings, steps, withheld, redact, run } = await recoverCluster({ ...flags, reset, force, timeout });
  print(findings);
  for (const sentence of withheld) print(redact(`skipped: ${sentence}`));
  if (steps.length === 0) {
    print("nothing to do");
    if (withheld.length > 0) process.exitCode = EXIT.notReady;
    return;
  }
  print(redact(["Plan:", ...steps.map(({ description }, index) => `  ${index + 1}. ${description}`)].join("\n")));
  await confirm(yes);
  for (const step of steps) print(await run(step));
}
