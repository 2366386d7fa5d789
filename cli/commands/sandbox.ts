import { Argument, type Command } from "commander";
import { clearFailures, FAILURES, type InjectedFailure, injectFailures } from "../../sandbox/controllers/failures.ts";
import { createSandbox, deleteSandbox, sandboxStatus } from "../../sandbox/sandbox-cluster.ts";
import { installTools } from "../engine/install-tools.ts";
import { onInterrupt } from "../engine/interrupt.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { print } from "../output/print.ts";
import { runSteps } from "../output/steps.ts";
import { sandboxFolder } from "../stack/paths.ts";

const ACTIONS = ["up", "down", "status", "inject", "clear"] as const;
type Action = (typeof ACTIONS)[number];

const HELP = `
up      brings the sandbox up, or back up
down    stops it and removes its folder; the state of stacks that were deployed on it stays (npm run down removes both)
status  says what of it runs
inject  injects these failures, and no others: ${FAILURES.join(", ")}
clear   clears all failures

Several sandboxes can run side by side under different names. A sandbox proves that an API server takes every object, in
order, and that waits, updates, failures and deletions behave; it boots no machine.

Example:
  $ npm run sandbox -- up --name try
  $ npm run sandbox -- inject credential-rejected --name try

Exit codes: 0 done, 1 failed or (status) not running, 2 wrong use.`;

export function registerSandbox(program: Command): void {
  program
    .command("sandbox")
    .description("a management cluster on this machine, by itself")
    .addArgument(new Argument("[action]", "what to do").choices(ACTIONS).default("up"))
    .addArgument(new Argument("[failures...]", "for inject: names of failures").choices(FAILURES))
    .option("--name <name>", "name of the sandbox", "dev")
    .addHelpText("after", HELP)
    .action(sandbox);
}

async function sandbox(action: Action, failures: InjectedFailure[], { name }: { name: string }): Promise<void> {
  const directory = sandboxFolder(name);
  switch (action) {
    case "up":
      return up(name, directory);
    case "down":
      await runSteps([
        {
          title: `sandbox ${name}: removing`,
          run: async ({ title }) => deleteSandbox(directory).then(() => title(`sandbox ${name}: removed`)),
        },
      ]);
      return;
    case "status":
      return status(name, directory);
    case "inject":
      if (failures.length === 0) throw new Failure("inject: name one or more failures (--help lists them)", EXIT.usage);
      injectFailures(directory, failures);
      print(`sandbox ${name}: injected ${failures.join(", ")}; npm run sandbox -- clear ends it`);
      return;
    case "clear":
      clearFailures(directory);
      print(`sandbox ${name}: failures cleared`);
  }
}

async function up(name: string, directory: string): Promise<void> {
  const signal = onInterrupt((line) => process.stderr.write(`${line}\n`));
  const tools = await installTools(signal);
  if (tools.paths === undefined) throw new Failure(tools.reason);
  const { paths } = tools;
  let server = "";
  await runSteps(
    [
      {
        title: `sandbox ${name}: starting`,
        run: async ({ say, title }) => {
          const made = await createSandbox({ name, directory, tools: paths, report: say });
          server = made.server;
          title(`sandbox ${name}: ${made.created ? "up" : "was there"}`);
        },
      },
    ],
    signal,
  );
  print(`API server: ${server}\nkubeconfig: ${directory}/kubeconfig`);
}

async function status(name: string, directory: string): Promise<void> {
  const { state, components } = await sandboxStatus(directory);
  print(`sandbox ${name}: ${state}`);
  for (const { name, running, pid } of components)
    print(`  ${name.padEnd(26)} ${running ? `runs, process ${pid}` : "does not run"}`);
  if (state !== "running") throw new Failure(`bring it up with npm run sandbox -- up --name ${name}`);
}
