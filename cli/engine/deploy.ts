import { join } from "node:path";
import { type PreflightReport, resultLine, sharedResults, summaryLine } from "../../preflight/preflight-report.ts";
import type { ToolPaths } from "../../sandbox/ensure-tools.ts";
import { createSandbox, hasSandbox, type Sandbox } from "../../sandbox/sandbox-cluster.ts";
import { explain, Failure, isDiskFull } from "../output/failure.ts";
import { changesLine, Progress } from "../output/progress.ts";
import { type ProgressStep, runSteps } from "../output/steps.ts";
import { LOCAL, PROJECT, sandboxFolder } from "../stack/paths.ts";
import { recordedClusterOf } from "../stack/recorded-cluster.ts";
import { readStackFile } from "../stack/stack-file.ts";
import type { SandboxPreflight } from "../stack/stack-preflight.ts";
import { type Engine, openEngine, type RunResult } from "./engine.ts";
import { endOrphans } from "./orphan-processes.ts";
import { discard, hasPendingRelease, interruptedRun, readState, type StateLocation } from "./state.ts";

export interface DeployOptions {
  readonly stack: string;
  /** Name of the sandbox. */
  readonly sandbox: string;
  readonly tools: ToolPaths;
  readonly signal: AbortSignal;
}

export interface Deployed {
  /** `<project>.<stack>`: the value of the label on every object. */
  readonly identity: string;
  readonly sandbox: Sandbox;
  readonly outputs: unknown;
  /** Results of the preflight. */
  readonly report: PreflightReport | undefined;
  /** Counts by operation, in one line. */
  readonly changes: string;
  /** What a user should know about how this ran. */
  readonly notes: readonly string[];
}

/** Starts the sandbox, recreated where an interrupted run left it unfinished, and runs the engine until everything is ready. */
export async function deploy(options: DeployOptions): Promise<Deployed> {
  const { stack, tools, signal } = options;
  const notes: string[] = [];
  const parts: Partial<Parts> & { report?: PreflightReport; result?: RunResult } = {};
  const directory = sandboxFolder(options.sandbox);
  const location = { state: join(LOCAL, "state"), project: readStackFile(stack).project, stack };
  const recreate = async (reason: string) => {
    await discard({ ...location, home: join(LOCAL, "pulumi"), sandbox: directory });
    notes.push(`The sandbox was recreated, with the state of the stack ${stack}: ${reason}.`);
  };
  const steps: ProgressStep[] = [
    {
      title: "state: checking",
      run: async ({ title }) => {
        await endOrphans(join(LOCAL, "pulumi"));
        const reason = (await interruptedRun(location)) ?? (await lostSandbox(location, directory));
        if (reason !== undefined) await recreate(reason);
        title(`state: ${reason === undefined ? "clean" : `reset, since ${reason}`}`);
      },
    },
    {
      title: `sandbox ${options.sandbox}: starting`,
      run: async ({ say, title }) => {
        const start = async () => {
          const opening = openEngine({ stack, tools });
          parts.preflight = opening.then(async () => {
            const { prepareSandboxPreflight } = await import("../stack/stack-preflight.ts");
            return prepareSandboxPreflight({ stack, sandbox: options.sandbox, helm: tools.helm });
          });
          // A failed sandbox is reported first.
          for (const promise of [opening, parts.preflight]) promise.catch(() => undefined);
          parts.sandbox = await createSandbox({ name: options.sandbox, directory, tools, report: say });
          parts.engine = await opening;
          return parts.sandbox;
        };
        const isNew = !hasSandbox(directory);
        let sandbox = await start().catch(async (error: unknown) => {
          if (isNew || signal.aborted || isDiskFull(error)) throw error;
          await recreate(`it did not start (${explain(error).message.split("\n")[0]})`);
          return start();
        });
        if (!sandbox.created && (await hasPendingRelease(sandbox.kubeconfig))) {
          await recreate("a Helm release was interrupted");
          sandbox = await start();
        }
        title(`sandbox ${options.sandbox}: ${sandbox.created ? "created" : "running"}, ${sandbox.server}`);
      },
    },
    {
      title: "preflight: running",
      run: async ({ title }) => {
        const { engine, preflight } = required(parts);
        const run = await preflight;
        parts.report = await run({ recorded: recordedClusterOf(await readState(engine)), signal });
        title(`preflight: ${summaryLine(parts.report)}`);
        assertPassed(parts.report);
      },
    },
    {
      title: `stack ${stack}: deploying`,
      run: async (teller) => {
        const { engine } = required(parts);
        const progress = new Progress(teller, `stack ${stack}`);
        try {
          parts.result = await engine.up({
            signal,
            onEvent: (event) => progress.add(event),
            policyPacks: [join(PROJECT, "policy")],
          });
        } finally {
          progress.end();
        }
        teller.title(`stack ${stack}: ${changesLine(parts.result.changes)}, policy pack passed`);
      },
    },
  ];
  await runSteps(steps, signal);
  const { engine, sandbox } = required(parts);
  if (sandbox.crds === "stand-in")
    notes.push(
      "The sandbox's definitions (CRDs) are stand-ins: real names and versions, few fields. K0RDENT_NUTANIX_CRDS names a folder of released ones.",
    );
  notes.push(...engine.notes);
  const result = parts.result ?? { changes: {}, touched: [], outputs: {}, warnings: [] };
  const identity = `${engine.project}.${engine.stack}`;
  return {
    identity,
    sandbox,
    report: parts.report,
    outputs: result.outputs,
    changes: changesLine(result.changes),
    notes,
  };
}

/** @throws Failure with every check that fails. */
function assertPassed({ results }: PreflightReport): void {
  const failures = results.filter(({ status }) => status === "fail");
  if (failures.length === 0) return;
  const lines = sharedResults(failures).map((result) => `  - ${resultLine(result)}`);
  throw new Failure(["preflight failed:", ...lines].join("\n"));
}

/** A state outlives its sandbox if only the sandbox is deleted. */
async function lostSandbox(location: StateLocation, directory: string): Promise<string | undefined> {
  const { resources = [] } = await readState(location);
  return resources.length > 0 && !hasSandbox(directory) ? "its sandbox does not exist any more" : undefined;
}

/** What the steps hand on. */
interface Parts {
  sandbox: Sandbox;
  engine: Engine;
  preflight: Promise<SandboxPreflight>;
}

function required({ sandbox, engine, preflight }: Partial<Parts>): Parts {
  if (sandbox === undefined || engine === undefined || preflight === undefined)
    throw new Error("a step ran before the one that it needs");
  return { sandbox, engine, preflight };
}
