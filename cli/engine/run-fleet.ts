import { createLogUpdate } from "log-update";
import { someOf } from "../../operations/diagnoses/finding.ts";
import { findTools, TOOL_NAMES, type ToolPaths } from "../../sandbox/ensure-tools.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { fleetCounts, fleetTable, runLine } from "../output/fleet-view.ts";
import { note, print, shown } from "../output/print.ts";
import { fleetConflicts, stacksIn } from "../stack/fleet-conflicts.ts";
import { usesSandbox } from "../stack/stack-file.ts";
import { type FleetVerb, runFleet, type StackRun } from "./fleet.ts";
import { onInterrupt } from "./interrupt.ts";

export interface FleetCommand {
  readonly verb: FleetVerb;
  /** Default: all. */
  readonly stacks: readonly string[];
  readonly workDir: string;
  readonly concurrency: number;
  /** File of the result. */
  readonly file: string;
  readonly resume?: boolean;
}

/**
 * The stacks of a folder that a user names, or all.
 *
 * @throws Failure where one has no stack file.
 */
export function selectStacks(named: readonly string[], workDir: string): readonly string[] {
  const known = stacksIn(workDir);
  const unknown = named.filter((stack) => !known.includes(stack));
  if (unknown.length > 0 || known.length === 0)
    throw new Failure(
      `stacks: ${unknown.map((stack) => `"${stack}" has`).join(", ") || "there is"} no stack file in ${workDir}; ${known.length === 0 ? "set --cwd to the folder of a project" : `name one of: ${someOf(known)}`}`,
      EXIT.usage,
    );
  return named.length === 0 ? known : [...new Set(named)];
}

/** The Pulumi CLI, and the Kubernetes plugin where it is found. */
export async function engineTools(): Promise<Pick<ToolPaths, "pulumi"> & Partial<ToolPaths>> {
  const { paths } = await findTools(TOOL_NAMES);
  if (paths.pulumi === undefined) throw new Failure("tools: pulumi is missing; install it, or run npm run tools");
  return { ...paths, pulumi: paths.pulumi };
}

/** Runs stacks and shows their progress: a table on a terminal, elsewhere a line for each that has ended. Returns the exit code. */
export async function runStacks({ verb, workDir, file, resume = false, ...command }: FleetCommand): Promise<number> {
  const names = selectStacks(command.stacks, workDir);
  const signal = onInterrupt(note);
  const tools = await engineTools();
  const rejected = await fleetConflicts(stacksIn(workDir), workDir);
  const stacks = names.map((name) => ({ name, backend: backendOf(name, workDir) }));
  const isTerminal = process.stdout.isTTY;
  const update = createLogUpdate(process.stdout);
  const onChange = (runs: readonly StackRun[], changed: StackRun) => {
    const line = runLine(changed);
    if (isTerminal) update(shown(fleetTable(runs)));
    else if (line !== undefined) print(line);
  };
  const { concurrency } = command;
  const runs = await runFleet({
    ...{ verb, workDir, file, stacks, rejected, concurrency, tools, signal, onChange },
    isResumed: resume,
  });
  if (isTerminal) update.clear();
  for (const run of runs) {
    const isPrinted = !isTerminal && rejected[run.stack] === undefined;
    const line = isPrinted ? undefined : runLine(run);
    if (line !== undefined) print(line);
  }
  print(`${fleetCounts(runs)}; the result is in ${file}`);
  if (signal.aborted) return EXIT.interrupted;
  return runs.every(({ state }) => state === "succeeded") ? 0 : EXIT.failed;
}

export function backendOf(stack: string, workDir: string): "project" | "user" {
  return usesSandbox(stack, workDir) ? "project" : "user";
}
