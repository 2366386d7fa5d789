import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type {
  InlineProgramArgs,
  LocalWorkspaceOptions,
  OpMap,
  OutputMap,
  PulumiFn,
  Stack,
} from "@pulumi/pulumi/automation/index.js";
import { readProject } from "../../config/stack-files.ts";
import type { ToolPaths } from "../../sandbox/ensure-tools.ts";
import { pulumiHome } from "../../sandbox/tools/find.ts";
import { Failure } from "../output/failure.ts";
import { LOCAL, PROJECT } from "../stack/paths.ts";
import { EngineError, type EngineEvent, EventLog } from "./events.ts";
import { installPlugins, linkEngine } from "./plugins.ts";
import { policyHost } from "./policy-host.ts";
import {
  cleanTemporaryFolders,
  preparePrivateFolders,
  removeTornWorkspaces,
  temporaryFolder,
} from "./private-folders.ts";

/** Passphrase of the stack `dev`: public, for it protects nothing. */
const DEV_PASSPHRASE = "sandbox";

export interface EngineOptions {
  /** Name of the stack; its settings are in `Pulumi.<stack>.yaml`. */
  readonly stack: string;
  /** Absolute paths of the Pulumi CLI and, for a program with Kubernetes resources, its plugin. */
  readonly tools: Pick<ToolPaths, "pulumi"> & Partial<Pick<ToolPaths, "pulumi-resource-kubernetes">>;
  /** Folder with Pulumi.yaml and the stack's settings. @default the project */
  readonly workDir?: string;
  /** Folder for state and plugins. @default .local of the project */
  readonly local?: string;
  /** @default index.ts of the project */
  readonly program?: PulumiFn;
  /** `user`: the state, login, passphrase and plugins of the caller's own Pulumi; the stack must exist. @default "project" */
  readonly backend?: "project" | "user";
  /** More variables for the engine, over the ones set here. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunOptions {
  /** Stops the run after the operations at hand. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: EngineEvent) => void;
  /** Folders of policy packs. @default none */
  readonly policyPacks?: readonly string[];
}

export interface RunResult {
  /** How many resources had which operation. */
  readonly changes: OpMap;
  /** Each operation that did something, as `update kubernetes:core/v1:Secret edge`. */
  readonly touched: readonly string[];
  /** Outputs of the stack, with secrets as the word `[secret]`. */
  readonly outputs: unknown;
  /** Warnings of engine and program. */
  readonly warnings: readonly string[];
}

/** One stack of this project under Pulumi's engine, with a state folder of its own. */
export interface Engine {
  readonly project: string;
  readonly stack: string;
  /** Folder of the file backend. */
  readonly state: string;
  /** PULUMI_HOME of every run. */
  readonly home: string;
  /** What a user should know of the plugins, a sentence each. */
  readonly notes: readonly string[];
  up(options?: RunOptions): Promise<RunResult>;
  preview(options?: RunOptions): Promise<RunResult>;
  refresh(options?: RunOptions): Promise<RunResult>;
  /** Runs the program too, since hooks that say why a delete failed live in it. */
  destroy(options?: RunOptions): Promise<RunResult>;
  /** Outputs with their secrets in plain text. */
  outputs(): Promise<OutputMap>;
  /** Forgets the stack; its settings file stays. */
  remove(): Promise<void>;
  /** Pulumi's own handle, for previews with options that have no word here; its outputs and history are not read. */
  readonly automation: Stack;
}

/** Variables of every run of the engine: state, plugins and passphrase of this project, none of the user's. */
export function engineEnvironment(options: Pick<EngineOptions, "local" | "env"> = {}): Record<string, string> {
  const local = options.local ?? LOCAL;
  const chosen = process.env.PULUMI_CONFIG_PASSPHRASE ?? process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
  return {
    PULUMI_HOME: join(local, "pulumi"),
    PULUMI_BACKEND_URL: pathToFileURL(join(local, "state")).href,
    ...(chosen === undefined ? { PULUMI_CONFIG_PASSPHRASE: DEV_PASSPHRASE } : {}),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // What is missing is put there before the run, and named; a download in the middle of one is neither.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // The Kubernetes plugin writes the kubeconfig into a temporary file, and leaves it there.
    TMPDIR: temporaryFolder(local),
    // Helm and kubectl's libraries would cache below the user's home.
    HELM_CACHE_HOME: join(local, "pulumi", "helm"),
    KUBECACHEDIR: join(local, "pulumi", "kube-cache"),
    ...options.env,
  };
}

/** The program that `pulumi up` runs. */
export async function loadProgram(project = PROJECT): Promise<PulumiFn> {
  const module: { default?: unknown } = await import(pathToFileURL(join(project, "index.ts")).href);
  if (typeof module.default !== "function")
    throw new Failure("index.ts: exports no program; its default export must be a function");
  return module.default as PulumiFn;
}

const NOT_CONNECTED = /14 UNAVAILABLE: No connection established/;

/** Opens the stack, and makes it where it is new. Neither Pulumi.yaml nor the stack's settings are rewritten. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const workDir = options.workDir ?? PROJECT;
  const local = options.local ?? LOCAL;
  const isUsers = options.backend === "user";
  const envVars = isUsers ? { PULUMI_SKIP_UPDATE_CHECK: "true", ...options.env } : engineEnvironment(options);
  const home = isUsers ? pulumiHome() : join(local, "pulumi");
  const state = join(local, "state");
  if (!isUsers) {
    await preparePrivateFolders([home, state, temporaryFolder(local)]);
    await cleanTemporaryFolders(local);
    await removeTornWorkspaces(home);
  }
  const project = readProject(workDir).name;
  const { default: automation } = await import("@pulumi/pulumi/automation/index.js");
  const { pulumi, "pulumi-resource-kubernetes": plugin } = options.tools;
  const [pulumiCommand, host, notes] = await Promise.all([
    linkEngine(automation.PulumiCommand, { pulumi, root: join(local, "engine"), home }),
    policyHost(pulumi),
    plugin === undefined || isUsers ? [] : installPlugins(home, plugin),
  ]);
  // The program is read while the CLI looks for the stack.
  const loading = options.program === undefined ? loadProgram() : Promise.resolve(options.program);
  loading.catch(() => undefined);
  const program: PulumiFn = async () => (await loading)();
  const { LocalWorkspace } = automation;
  const open = (...args: [InlineProgramArgs, LocalWorkspaceOptions]) =>
    isUsers ? LocalWorkspace.selectStack(...args) : LocalWorkspace.createOrSelectStack(...args);
  const handle = await open(
    { stackName: options.stack, projectName: project, program },
    {
      workDir,
      pulumiHome: home,
      pulumiCommand,
      envVars: {
        ...envVars,
        // The scripts of sandbox/plugins run on this Node.
        PATH: [host, dirname(process.execPath), dirname(pulumi), process.env.PATH ?? ""].join(delimiter),
      },
    },
  ).catch((error: unknown) => {
    throw EngineError.from(error, new EventLog());
  });
  await loading;
  // After each run the handle would start the CLI three times more, for what the events already contain.
  handle.outputs = async () => ({});
  handle.info = async () => undefined;

  /** Runs an operation in the project's folder, as the CLI would, and gathers what it says. */
  async function run(
    operation: (common: object) => Promise<unknown>,
    options: RunOptions = {},
    isRepeated = false,
  ): Promise<RunResult> {
    const log = new EventLog();
    const onEvent = (event: EngineEvent) => {
      log.add(event);
      options.onEvent?.(event);
    };
    const before = process.cwd();
    process.chdir(workDir);
    try {
      options.signal?.throwIfAborted();
      await operation({ onEvent, color: "never", ...(options.signal === undefined ? {} : { signal: options.signal }) });
      return { changes: log.changes, touched: log.touched, outputs: log.outputs, warnings: log.warnings };
    } catch (error) {
      options.signal?.throwIfAborted();
      const explained = EngineError.from(error, log);
      // On a busy machine the engine and the program sometimes miss each other at the start.
      if (isRepeated || log.touched.length > 0 || !NOT_CONNECTED.test(explained.message)) throw explained;
    } finally {
      process.chdir(before);
    }
    return run(operation, options, true);
  }

  const packs = (options: RunOptions = {}) =>
    options.policyPacks === undefined ? {} : { policyPacks: [...options.policyPacks] };
  return {
    project,
    stack: options.stack,
    state,
    home,
    notes,
    automation: handle,
    up: (options) => run((common) => handle.up({ ...common, ...packs(options) }), options),
    preview: (options) => run((common) => handle.preview({ ...common, ...packs(options) }), options),
    refresh: (options) => run((common) => handle.refresh(common), options),
    destroy: (options) => run((common) => handle.destroy({ ...common, runProgram: true }), options),
    outputs: () => handle.workspace.stackOutputs(options.stack),
    remove: () => handle.workspace.removeStack(options.stack, { preserveConfig: true }),
  };
}
