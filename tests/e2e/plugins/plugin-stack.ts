import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import k8s from "@pulumi/kubernetes";
import pulumi from "@pulumi/pulumi";
import automation from "@pulumi/pulumi/automation/index.js";
import { linkEngine } from "../../../cli/engine/engine-link.ts";
import type { ToolPaths } from "../../../sandbox/ensure-tools.ts";
import { installStandInPlugins, linkRealPlugins } from "../../../sandbox/plugins/install.ts";

export type Kind = "stand-in" | "real";
export type Program = (provider: k8s.Provider) => unknown;
export type ProviderArgs = Partial<k8s.ProviderArgs>;

export interface Outcome {
  /** everything that the engine printed */
  output: string;
  /** what failed; undefined: nothing did */
  error: string | undefined;
  /** operations by count; "same" is left out */
  changes: Record<string, number>;
  seconds: number;
}

/** A folder with a PULUMI_HOME that has the plugins of one kind, and a backend. */
export class Bench {
  readonly kind: Kind;
  readonly directory: string;
  readonly environment: Record<string, string>;
  readonly tools: ToolPaths;
  #stacks = 0;

  constructor(kind: Kind, tools: ToolPaths, kubeconfig: string) {
    this.kind = kind;
    this.tools = tools;
    this.directory = mkdtempSync(join(tmpdir(), `plugins-${kind}-`));
    const home = join(this.directory, "home");
    kind === "real" ? linkRealPlugins(home) : installStandInPlugins(home);
    for (const folder of ["state", "work"]) {
      mkdirSync(join(this.directory, folder));
    }
    this.environment = {
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${join(this.directory, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "public",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      K0RDENT_NUTANIX_HELM: tools.helm,
      KUBECONFIG: kubeconfig,
      PATH: `${dirname(tools.pulumi)}${delimiter}${process.env["PATH"]}`,
    };
  }

  async stack(args: ProviderArgs): Promise<TestStack> {
    const name = `s${++this.#stacks}`;
    const stack = await automation.LocalWorkspace.createStack(
      { stackName: name, projectName: "plugins", program: async () => {} },
      {
        workDir: join(this.directory, "work"),
        envVars: this.environment,
        pulumiCommand: await linkEngine(automation.PulumiCommand, {
          pulumi: this.tools.pulumi,
          root: join(this.directory, "cli"),
          home: this.environment["PULUMI_HOME"] ?? "",
        }),
      },
    );
    return new TestStack(stack, this.environment, args);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export class TestStack {
  readonly #stack: automation.Stack;
  readonly #outputs: () => Promise<automation.OutputMap>;
  readonly #environment: Record<string, string>;
  args: ProviderArgs;

  constructor(stack: automation.Stack, environment: Record<string, string>, args: ProviderArgs) {
    this.#stack = stack;
    this.#outputs = stack.outputs.bind(stack);
    // Every operation would ask for these with four more runs of the CLI.
    stack.outputs = async () => ({});
    stack.info = async () => undefined;
    stack.workspace.selectStack = async () => {};
    this.#environment = environment;
    this.args = args;
  }

  up(program: Program, signal?: AbortSignal): Promise<Outcome> {
    return this.#run("up", program, signal);
  }
  async preview(program: Program): Promise<Outcome> {
    let heard = false;
    const heeded: Program = (provider) => {
      provider.urn.apply(() => {
        heard = true;
      });
      return program(provider);
    };
    const outcome = await this.#run("preview", heeded);
    if (heard || outcome.error) {
      return outcome;
    }
    // The SDK ends an inline program in silence when a call to the engine is cut off, which then looks like an empty one.
    console.log(`ASKED AGAIN: the engine heard nothing of the program:\n${outcome.output}`);
    return this.#run("preview", program);
  }
  refresh(): Promise<Outcome> {
    return this.#run("refresh", () => {});
  }
  destroy(): Promise<Outcome> {
    return this.#run("destroy", () => {});
  }
  async outputs(): Promise<automation.OutputMap> {
    return this.#outputs();
  }
  /** The resources with their secrets in plain. */
  async resources(): Promise<any[]> {
    const { deployment } = await this.#stack.exportStack();
    return deployment.resources ?? [];
  }
  /** The state as it lies on the disk. */
  stored(): string {
    const folder = this.#environment["PULUMI_BACKEND_URL"]?.replace("file://", "") ?? "";
    const file = join(folder, ".pulumi", "stacks", "plugins", `${this.#stack.name}.json`);
    return readFileSync(file, "utf8");
  }

  async #run(verb: "up" | "preview" | "refresh" | "destroy", program: Program, signal?: AbortSignal): Promise<Outcome> {
    let output = "";
    const changes: Record<string, number> = {};
    const started = Date.now();
    const args = this.args;
    const options = {
      onOutput: (text: string) => {
        output += text;
      },
      onError: (text: string) => {
        output += text;
      },
      onEvent: (event: automation.EngineEvent) => {
        for (const [operation, count] of Object.entries(event.summaryEvent?.resourceChanges ?? {})) {
          if (operation !== "same" && count) {
            changes[operation] = count;
          }
        }
      },
      color: "never" as const,
      ...(signal ? { signal } : {}),
    };
    const inline = async () => program(new k8s.Provider("k8s", args as k8s.ProviderArgs)) as Record<string, unknown>;
    const error = await (async () => {
      switch (verb) {
        case "up":
          return this.#stack.up({ ...options, program: inline });
        case "preview":
          return this.#stack.preview({ ...options, program: inline });
        case "refresh":
          return this.#stack.refresh(options);
        case "destroy":
          return this.#stack.destroy(options);
      }
    })().then(
      () => undefined,
      (failed: Error) => failed.message,
    );
    return { output, error, changes, seconds: (Date.now() - started) / 1000 };
  }
}

/** Compares what an operation did, and shows what the engine printed where it differs. */
export function assertChanges({ changes, error, output }: Outcome, expected: Record<string, number>): void {
  assert.deepEqual(
    changes,
    expected,
    `${JSON.stringify(changes)} is not ${JSON.stringify(expected)}; ${error ?? output}`,
  );
}

export { k8s, pulumi };
