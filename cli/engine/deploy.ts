import { existsSync } from "node:fs";
import { join } from "node:path";
import { type PreflightReport, resultLine, summaryLine } from "../../preflight/preflight-report.ts";
import type { ToolPaths } from "../../sandbox/ensure-tools.ts";
import { createSandbox, type Sandbox } from "../../sandbox/sandbox-cluster.ts";
import { Failure } from "../output/failure.ts";
import { changesLine, Progress } from "../output/progress.ts";
import { runSteps, type Step } from "../output/steps.ts";
import { PROJECT, sandboxFolder } from "../stack/paths.ts";
import { recordedClusterOf } from "../stack/recorded-cluster.ts";
import type { SandboxPreflight } from "../stack/stack-preflight.ts";
import { type Engine, openEngine, type RunResult } from "./engine.ts";
import { languageHost } from "./language-host.ts";
import { installPlugins } from "./plugins.ts";
import { mend, readState } from "./recover-state.ts";

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
  /** What was asked before, and what came of it. */
  readonly report: PreflightReport | undefined;
  /** Counts by operation, in one line. */
  readonly changes: string;
  /** What a user should know about how this ran. */
  readonly notes: readonly string[];
}

/** Brings the sandbox up, mends what an interrupted run left, and runs the engine until everything is ready. */
export async function deploy(options: DeployOptions): Promise<Deployed> {
  const { stack, tools, signal } = options;
  const notes: string[] = [];
  const parts: Partial<Parts> & { report?: PreflightReport; result?: RunResult } = {};
  const host = await languageHost(tools.pulumi);
  const steps: Step[] = [
    {
      title: `sandbox ${options.sandbox}: starting`,
      run: async ({ say, title }) => {
        const preparing = prepareEngine(options, host, notes);
        parts.asking = preparing.then(async () => {
          const { prepareSandboxPreflight } = await import("../stack/stack-preflight.ts");
          return prepareSandboxPreflight({ stack, sandbox: options.sandbox, helm: tools.helm });
        });
        // A failed sandbox is the first thing to tell; what else failed is told after it.
        for (const beside of [preparing, parts.asking]) beside.catch(() => undefined);
        parts.sandbox = await createSandbox({
          name: options.sandbox,
          directory: sandboxFolder(options.sandbox),
          tools,
          report: say,
        });
        title(`sandbox ${options.sandbox}: ${parts.sandbox.created ? "up" : "was there"}, ${parts.sandbox.server}`);
        parts.engine = await preparing;
      },
    },
    {
      title: "engine: looking for what an interrupted run left",
      run: async ({ say, title }) => {
        const { engine, sandbox } = required(parts);
        const repaired = sandbox.created ? await forgetLastSandbox(engine) : await mend(engine, sandbox.kubeconfig);
        for (const sentence of repaired) say(sentence);
        notes.push(...repaired.map((sentence) => `repaired: ${sentence}`));
        title(`engine: repaired ${repaired.length || "nothing"}`);
      },
    },
    {
      title: `stack ${stack}: asking before it is deployed`,
      run: async ({ title }) => {
        const { engine, asking } = required(parts);
        const askFirst = await asking;
        parts.report = await askFirst({ remembered: recordedClusterOf(await readState(engine)), signal });
        title(`stack ${stack}: asked before it is deployed: ${summaryLine(parts.report)}`);
        refuseFailures(parts.report);
      },
    },
    {
      title: `stack ${stack}: deploying`,
      run: async (teller) => {
        const { engine } = required(parts);
        const progress = new Progress(teller, `stack ${stack}`);
        const pack = join(PROJECT, "policy");
        const withPack = host !== undefined && existsSync(join(pack, "PulumiPolicy.yaml"));
        try {
          parts.result = await engine.up({
            signal,
            onEvent: (event) => progress.add(event),
            ...(withPack ? { policyPacks: [pack] } : {}),
          });
        } finally {
          progress.end();
        }
        teller.title(
          `stack ${stack}: ${changesLine(parts.result.changes)}${withPack ? ", under the policy pack" : ""}`,
        );
      },
    },
  ];
  await runSteps(steps, signal);
  const { engine, sandbox } = required(parts);
  if (sandbox.crds === "stand-in")
    notes.push(
      "The sandbox's definitions (CRDs) are stand-ins: real names and versions, few fields. K0RDENT_NUTANIX_CRDS names a folder of released ones.",
    );
  if (host === undefined)
    notes.push(
      "The policy pack did not run: Pulumi's language host for Node is not here. The components asked the same rules.",
    );
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
function refuseFailures({ results }: PreflightReport): void {
  const failures = results.filter(({ status }) => status === "fail");
  if (failures.length === 0) return;
  const lines = failures.map((result) => `  - ${resultLine(result)}`);
  throw new Failure(["preflight failed:", ...lines].join("\n"));
}

async function prepareEngine(
  { stack, tools }: DeployOptions,
  host: string | undefined,
  notes: string[],
): Promise<Engine> {
  const engine = await openEngine({
    stack,
    pulumi: tools.pulumi,
    helm: tools.helm,
    ...(host === undefined ? {} : { path: [host] }),
  });
  const sentence = installPlugins(engine.home);
  if (sentence !== undefined) notes.push(sentence);
  return engine;
}

/** A new sandbox knows nothing of what the state says: the state is of a sandbox that has gone. */
async function forgetLastSandbox(engine: Engine): Promise<string[]> {
  const { resources = [] } = await readState(engine);
  if (resources.length === 0) return [];
  await engine.reset();
  return [
    `state of the stack ${engine.stack}: was of a sandbox that is no more; forgotten, with its ${resources.length} resources`,
  ];
}

/** What the steps hand on. */
interface Parts {
  sandbox: Sandbox;
  engine: Engine;
  asking: Promise<SandboxPreflight>;
}

function required({ sandbox, engine, asking }: Partial<Parts>): Parts {
  if (sandbox === undefined || engine === undefined || asking === undefined)
    throw new Error("a step ran before the one that it needs");
  return { sandbox, engine, asking };
}
