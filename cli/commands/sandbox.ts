import { Argument, type Command } from "commander";
import { clearFailures, FAILURES, type InjectedFailure, injectFailures } from "../../sandbox/controllers/failures.ts";
import { createSandbox, deleteSandbox, sandboxStatus } from "../../sandbox/sandbox-cluster.ts";
import { installTools } from "../engine/install-tools.ts";
import { onInterrupt } from "../engine/interrupt.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { note, print } from "../output/print.ts";
import { runSteps, type StepProgress } from "../output/steps.ts";
import { sandboxFolder } from "../stack/paths.ts";

const ACTIONS = ["up", "down", "status", "inject", "clear"] as const;

const HELP = `
up      starts the sandbox, or restarts what has stopped
down    stops it and removes its folder; the state of its stacks stays (npm run down removes both)
status  prints which components run
inject  injects these failures, and no others: ${FAILURES.join(", ")}
clear   clears all failures

Several sandboxes can run side by side under different names. A sandbox shows that an API server accepts every object, in
order, and how waits, updates, failures and deletions behave; it boots no machine.

Example:
  $ npm run sandbox -- up --name try
  $ npm run sandbox -- inject credential-rejected --name try

Exit codes: 0 done, 1 failed or (status) not running, 2 usage error.`;

export function registerSandbox(program: Command): void {
  program
    .command("sandbox")
    .description("run a management cluster on this machine")
    .addArgument(new Argument("[action]", "what to do").choices(ACTIONS).default("up"))
    .addArgument(new Argument("[failures...]", "for inject: names of failures").choices(FAILURES))
    .option("--name <name>", "name of the sandbox", "dev")
    .addHelpText("after", HELP)
    .action(sandbox);
}

async function sandbox(action: (typeof ACTIONS)[number], failures: InjectedFailure[], { name }: { name: string }) {
  const directory = sandboxFolder(name);
  switch (action) {
    case "up":
      return up(name, directory);
    case "down":
      return runSteps([
        {
          title: `sandbox ${name}: removing`,
          run: ({ title }) => deleteSandbox(directory).then(() => title(`sandbox ${name}: removed`)),
        },
      ]);
    case "status":
      return status(name, directory);
    case "inject":
      if (failures.length === 0) throw new Failure("inject: name one or more failures (--help lists them)", EXIT.usage);
      injectFailures(directory, failures);
      return print(`sandbox ${name}: injected ${failures.join(", ")}; npm run sandbox -- clear ends it`);
    case "clear":
      clearFailures(directory);
      return print(`sandbox ${name}: failures cleared`);
  }
}

async function up(name: string, directory: string): Promise<void> {
  const signal = onInterrupt(note);
  const found = await installTools(signal);
  if (found.paths === undefined) throw new Failure(found.reason);
  const tools = found.paths;
  const run = async ({ say, title }: StepProgress) => {
    const { created, server } = await createSandbox({ name, directory, tools, report: say });
    title(`sandbox ${name}: ${created ? "created" : "running"}, ${server}`);
  };
  await runSteps([{ title: `sandbox ${name}: starting`, run }], signal);
  print(`kubeconfig: ${directory}/kubeconfig`);
}

async function status(name: string, directory: string): Promise<void> {
  const { state, components } = await sandboxStatus(directory);
  print(`sandbox ${name}: ${state}`);
  for (const { name, running, pid } of components)
    print(`  ${name.padEnd(26)} ${running ? `running, process ${pid}` : "stopped"}`);
  if (state !== "running") throw new Failure(`start it with npm run sandbox -- up --name ${name}`);
}
