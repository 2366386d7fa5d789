import { join, resolve } from "node:path";
import type { Command } from "commander";
import { print } from "../output/print.ts";
import { LOCAL, PROJECT } from "../stack/paths.ts";
import { positiveInteger } from "../stack/positive-integer.ts";

interface FleetFlags {
  readonly concurrency: number;
  readonly cwd?: string;
  readonly result?: string;
  readonly resume?: boolean;
}

const HELP = `
Runs many stacks of one folder, each under Pulumi's engine in a process of its own, with the policy pack. First it compares the
stack files: a stack with an endpoint, a virtual router ID or a cluster's name of another one is not run. A stack that fails
holds no other one up. A stack on a sandbox uses the state in .local/, every other stack your own Pulumi: its login and passphrase.
The result is a file; --resume runs what has not succeeded according to it.

Examples:
  $ npx k0rdent-nutanix fleet preview
  $ npx k0rdent-nutanix fleet up region-a region-b --concurrency 8
  $ npx k0rdent-nutanix fleet up --resume
  $ npx k0rdent-nutanix fleet status

Exit codes: 0 all succeeded, 1 one failed, 2 usage error, 130 interrupted.`;

export function registerFleet(program: Command): void {
  const fleet = program.command("fleet").description("preview, deploy and list many stacks").addHelpText("after", HELP);
  for (const verb of ["preview", "up"] as const)
    withFleetOptions(fleet.command(verb))
      .description(verb === "up" ? "deploy stacks" : "preview stacks")
      .option("--concurrency <number>", "how many stacks run at a time", positiveInteger, 4)
      .option("--result <file>", `file of the result (default: .local/fleet-${verb}.json)`)
      .option("--resume", "only stacks that have not succeeded according to the result file")
      .action(async (stacks: string[], flags: FleetFlags) => {
        const { runStacks } = await import("../engine/run-fleet.ts");
        const workDir = resolve(flags.cwd ?? PROJECT);
        const file = resolve(flags.result ?? join(LOCAL, `fleet-${verb}.json`));
        process.exitCode = await runStacks({ verb, stacks, workDir, file, ...flags });
      });
  withFleetOptions(fleet.command("status"))
    .description("list stacks with their clusters and the capacity of these, from the state of each")
    .action(async (stacks: string[], flags: FleetFlags) => {
      const { fleetStatus } = await import("../engine/fleet-status.ts");
      print(await fleetStatus(stacks, resolve(flags.cwd ?? PROJECT)));
    });
}

function withFleetOptions(command: Command): Command {
  return command
    .argument("[stacks...]", "stacks, as in Pulumi.<name>.yaml (default: all)")
    .option("--cwd <folder>", "folder with Pulumi.yaml and the stack files (default: this project)");
}
