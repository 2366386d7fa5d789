/** Many stacks of one project, each under an engine in a process of its own: one that fails or crashes holds nobody up. */
import { fork } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { OpMap } from "@pulumi/pulumi/automation/index.js";
import * as z from "zod";
import { redactor } from "../../kubernetes/redact.ts";
import { printableLine } from "../../policy/rules/printable.ts";
import { formatValue } from "../../policy/rules/violation.ts";
import type { ToolPaths } from "../../sandbox/ensure-tools.ts";
import { readJson, replaceFile } from "../../sandbox/tools/replace-file.ts";
import { EXIT, Failure } from "../output/failure.ts";

export type FleetVerb = "preview" | "up";

const stackRun = z.strictObject({
  stack: z.string(),
  state: z.enum(["pending", "running", "succeeded", "failed"]),
  /** Duration. */
  seconds: z.number().optional(),
  /** Resources by operation. */
  changes: z.record(z.string(), z.number()).optional(),
  /** Operations that have ended. */
  done: z.number().optional(),
  /** Why it failed. */
  reasons: z.array(z.string()).optional(),
});
export type StackRun = z.infer<typeof stackRun>;

/** The file of a run: read by the next one with `isResumed`. */
const fleetRun = z.strictObject({ verb: z.enum(["preview", "up"]), runs: z.array(stackRun) });

/** What a worker reports. */
export type WorkerMessage = { readonly done: number } | { readonly changes: OpMap } | { readonly reasons: string[] };

/** What a worker is started with. */
export interface WorkerOptions {
  readonly verb: FleetVerb;
  readonly stack: string;
  readonly workDir: string;
  readonly backend: "project" | "user";
  /** Folder for state and plugins of the backend `project`. @default .local of the project */
  readonly local?: string;
  readonly tools: Pick<ToolPaths, "pulumi"> & Partial<ToolPaths>;
}

export interface FleetOptions extends Pick<WorkerOptions, "verb" | "workDir" | "tools" | "local"> {
  readonly stacks: readonly { readonly name: string; readonly backend: WorkerOptions["backend"] }[];
  /** Stacks that are not run, and why. */
  readonly rejected: Readonly<Record<string, readonly string[]>>;
  /** How many run at a time. */
  readonly concurrency: number;
  /** Where the result is written, after every change. */
  readonly file: string;
  /** Leaves out what has succeeded according to `file`. */
  readonly isResumed: boolean;
  readonly signal: AbortSignal;
  readonly onChange: (runs: readonly StackRun[], changed: StackRun) => void;
}

/**
 * Runs all stacks; never throws for one of them. What a signal leaves out is pending.
 *
 * @throws Failure where `file` is there and no result.
 */
export async function runFleet(options: FleetOptions): Promise<readonly StackRun[]> {
  const { stacks, rejected, concurrency, signal, verb, file, isResumed } = options;
  const before = succeededIn(file, verb);
  const succeeded = isResumed ? before : [];
  const runs = stacks.map(({ name }): StackRun => {
    const reasons = rejected[name];
    if (reasons !== undefined) return { stack: name, state: "failed", reasons: [...reasons] };
    return succeeded.find(({ stack }) => stack === name) ?? { stack: name, state: "pending" };
  });
  const change = (run: StackRun, fields: Partial<StackRun>) => {
    Object.assign(run, fields);
    options.onChange(runs, run);
    if (fields.state !== undefined) writeResult(file, { verb, runs });
  };
  const queue = runs.filter(({ state }) => state === "pending").values();
  const work = async () => {
    for (const run of queue) {
      if (signal.aborted) return;
      const { backend = "user" } = stacks.find(({ name }) => name === run.stack) ?? {};
      await runStack(run, { ...options, backend }, change);
    }
  };
  writeResult(file, { verb, runs });
  await Promise.all(Array.from({ length: Math.min(concurrency, runs.length) }, work));
  return runs;
}

async function runStack(
  run: StackRun,
  { verb, workDir, tools, signal, backend, local }: FleetOptions & Pick<WorkerOptions, "backend">,
  change: (run: StackRun, fields: Partial<StackRun>) => void,
): Promise<void> {
  const started = Date.now();
  const options: WorkerOptions = { verb, stack: run.stack, workDir, backend, tools, ...(local && { local }) };
  change(run, { state: "running" });
  const worker = fork(join(import.meta.dirname, "fleet-worker.ts"), [JSON.stringify(options)], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    // Ctrl-C reaches the workers through their parent, once.
    detached: true,
  });
  const stop = () => worker.kill("SIGINT");
  signal.addEventListener("abort", stop);
  let end: Partial<StackRun> | undefined;
  let said = "";
  worker.stderr?.on("data", (text) => {
    said = `${said}${text}`.slice(-2000);
  });
  worker.on("message", (message: WorkerMessage) => {
    if ("done" in message) change(run, { done: message.done });
    else if ("changes" in message) end = { state: "succeeded", changes: message.changes };
    else end = { state: "failed", reasons: message.reasons };
  });
  const code = await new Promise<number | string>((done) =>
    worker.on("close", (code, killedBy) => done(killedBy ?? code ?? 0)),
  );
  signal.removeEventListener("abort", stop);
  const crashed: Partial<StackRun> = { state: "failed", reasons: [crashReason(said, code)] };
  change(run, { seconds: Math.round((Date.now() - started) / 1000), ...(end ?? crashed) });
}

/** Why a process ended that reported nothing: its error, without stack and secrets. */
export function crashReason(said: string, code: number | string): string {
  const error = said.split("\n").find((line) => /^[\w ]*error\b.*: /i.test(line));
  return redactor([])(printableLine(`its process ended with ${code}${error === undefined ? "" : `: ${error}`}`));
}

/**
 * What succeeded in an earlier run; none without a file.
 *
 * @throws Failure where the file is something else, which the result must not replace.
 */
function succeededIn(file: string, verb: FleetVerb): StackRun[] {
  // A device such as /dev/stdout holds nothing that could be lost.
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return [];
  const { success, data } = fleetRun.safeParse(readJson(file));
  if (!success)
    throw new Failure(
      `--result: ${formatValue(file)} is not the result of a fleet run; name another file, or move this one away`,
      EXIT.usage,
    );
  return data.verb === verb ? data.runs.filter(({ state }) => state === "succeeded") : [];
}

/** Written whole or not at all: a crash leaves the former one. */
function writeResult(file: string, result: z.infer<typeof fleetRun>): void {
  mkdirSync(dirname(file), { recursive: true });
  replaceFile(file, `${JSON.stringify(result, undefined, 2)}\n`);
}
