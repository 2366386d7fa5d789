import { rm } from "node:fs/promises";
import { join } from "node:path";
import { findTools, TOOL_NAMES, type ToolPaths } from "../../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox, sandboxStatus } from "../../sandbox/sandbox-cluster.ts";
import { explain, Failure } from "../output/failure.ts";
import { Progress } from "../output/progress.ts";
import type { ProgressStep } from "../output/steps.ts";
import { LOCAL, sandboxFolder } from "../stack/paths.ts";
import { readStackFile, sandboxOf } from "../stack/stack-file.ts";
import { blockedDeletions } from "./blocked-deletions.ts";
import { openEngine } from "./engine.ts";
import type { EngineEvent } from "./events.ts";
import { endOrphans } from "./orphan-processes.ts";
import { interruptedRun, readState, removeState, type StateLocation, stacksOf } from "./state.ts";

export interface DestroyOptions {
  readonly stack: string;
  /** Sandbox that the stack must use. @default the one it names */
  readonly sandboxName: string | undefined;
  /** Removes the sandbox without destroying the stack. */
  readonly force: boolean;
  readonly signal: AbortSignal;
}

/** Milliseconds without an event of the engine until blocked deletions are read. */
const SILENCE_MS = 40_000;
/** The sandbox's machines are not real: nothing is orphaned. */
const ANYWAY =
  "a sandbox can always be removed without destroying its stack first: Ctrl-C where it still waits, then npm run down -- --force";

/** The steps that remove a stack, its sandbox and its state. */
export async function destroySteps({ stack, sandboxName, force, signal }: DestroyOptions): Promise<ProgressStep[]> {
  const sandbox = sandboxOf(stack, sandboxName);
  const directory = sandboxFolder(sandbox);
  const { project } = readStackFile(stack);
  const location = { state: join(LOCAL, "state"), project, stack };
  await endOrphans(join(LOCAL, "pulumi"));
  // What an interrupted run left is not destroyed in order: it is removed with its sandbox.
  const isClean = !force && (await interruptedRun(location)) === undefined;
  const isDeployed = isClean && ((await readState(location)).resources ?? []).length > 0;
  const status = await sandboxStatus(directory);
  const steps: ProgressStep[] = [];
  if (isDeployed && status.state !== "absent") {
    const tools = await allTools();
    if (status.state !== "running") {
      steps.push({
        title: `sandbox ${sandbox}: starting, to destroy the stack in order`,
        run: async ({ say }) => void (await createSandbox({ name: sandbox, directory, tools, report: say })),
      });
    }
    steps.push(destroying(stack, directory, { tools, signal }));
  }
  steps.push({
    title: `sandbox ${sandbox}: removing`,
    run: async ({ title }) => {
      await deleteSandbox(directory);
      title(`sandbox ${sandbox}: ${status.state === "absent" ? "absent" : "removed"}`);
    },
  });
  steps.push({ title: "state: removing", run: async ({ title }) => title(await removeFiles(location)) });
  return steps;
}

function destroying(
  stack: string,
  directory: string,
  { tools, signal }: { tools: ToolPaths; signal: AbortSignal },
): ProgressStep {
  return {
    title: `stack ${stack}: destroying`,
    run: async (teller) => {
      const engine = await openEngine({ stack, tools });
      const progress = new Progress(teller, `stack ${stack}`);
      const kubeconfig = join(directory, "kubeconfig");
      let heard = Date.now();
      const onEvent = (event: EngineEvent) => {
        heard = Date.now();
        progress.add(event);
      };
      const reminder = setInterval(async () => {
        if (Date.now() - heard < SILENCE_MS) return;
        heard = Date.now();
        for (const line of [...(await blockedDeletions(kubeconfig)), ANYWAY]) teller.say(line);
      }, SILENCE_MS / 4);
      try {
        const { changes } = await engine.destroy({ signal, onEvent });
        await engine.remove();
        teller.title(`stack ${stack}: ${changes.delete ?? 0} resources deleted`);
      } catch (error) {
        signal.throwIfAborted();
        const { message } = explain(error);
        throw new Failure([message, ...(await blockedDeletions(kubeconfig)), ANYWAY].join("\n"));
      } finally {
        clearInterval(reminder);
        progress.end();
      }
    },
  };
}

/** Nothing is downloaded or built only to remove something. */
async function allTools(): Promise<ToolPaths> {
  const { paths, missing } = await findTools(TOOL_NAMES);
  if (missing.length === 0) return paths as ToolPaths;
  throw new Failure(
    `tools: ${missing.join(", ")} are missing because the cache was removed; get them with npm run tools, or remove the sandbox without destroying the stack first with npm run down -- --force`,
  );
}

/** The folders of state and plugins go with their last stack. */
async function removeFiles(location: StateLocation): Promise<string> {
  await removeState(location);
  const others = await stacksOf(location);
  if (others.length > 0) return `state: removed for ${location.stack}; ${others.join(", ")} stay`;
  await Promise.all(
    ["state", "pulumi", "engine", "tmp"].map((folder) => rm(join(LOCAL, folder), { recursive: true, force: true })),
  );
  return "state: removed";
}
