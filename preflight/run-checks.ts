import { printableLine } from "../policy/rules/printable.ts";
import {
  type Check,
  type CheckContext,
  type CheckOutcome,
  Inconclusive,
  inconclusive,
  inconclusiveBy,
} from "./check.ts";

/** A check that does not run, and why. */
export interface SkippedCheck {
  readonly id: string;
  readonly reason: string;
}

export interface RunChecksOptions {
  /** Checks that do not run; the result lists them. @default none */
  readonly skips?: readonly SkippedCheck[];
  /** Seconds for one check of one cluster. @default 30 */
  readonly deadline?: number;
  /** Checks at a time. @default 24 */
  readonly concurrency?: number;
}

/** One line of the report. */
export interface PreflightCheckResult extends CheckOutcome {
  /** The check's id. */
  readonly check: string;
  /** Name of the cluster; undefined where it is about the whole stack. */
  readonly cluster?: string | undefined;
}

export interface PreflightResult {
  /** In the order of the checks, and within one in the order of the clusters. */
  readonly results: readonly PreflightCheckResult[];
  readonly skipped: readonly SkippedCheck[];
}

type RunContext = Omit<CheckContext, "signal"> & { readonly signal?: AbortSignal | undefined };

interface Task {
  readonly check: string;
  readonly cluster?: string;
  run(signal: AbortSignal): ReturnType<Check["run"]>;
}

/** Runs checks in parallel. Never throws and never hangs: a check that throws, or misses its deadline, is inconclusive. */
export async function runChecks(
  checks: readonly Check[],
  context: RunContext,
  { skips = [], deadline = 30, concurrency = 24 }: RunChecksOptions = {},
): Promise<PreflightResult> {
  const skipped = skips.filter(({ id }) => checks.some((check) => check.id === id));
  const tasks = checks
    .filter((check) => !skipped.some(({ id }) => id === check.id))
    .flatMap((check) => tasksOf(check, context));
  const results: PreflightCheckResult[][] = [];
  const queue = tasks.entries();
  const worker = async () => {
    for (const [index, task] of queue) {
      const { check, cluster } = task;
      const outcomes = await runTask(task, { deadline, signal: context.signal });
      const about = cluster === undefined ? { check } : { check, cluster };
      results[index] = (cluster === undefined ? outcomes : summarize(outcomes)).map((one) => ({
        ...about,
        ...one,
        message: printableLine(one.message),
        remedy: one.remedy && printableLine(one.remedy),
      }));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { results: distinct(results.flat()), skipped };
}

function tasksOf(check: Check, context: RunContext): Task[] {
  const { id } = check;
  if (check.scope === "stack") return [{ check: id, run: (signal) => check.run({ ...context, signal }) }];
  if (check.scope === "Prism Central") {
    return context.prismCentrals.all.map((client) => ({
      check: id,
      run: (signal) => check.run({ ...context, ...client, signal }),
    }));
  }
  return context.clusters.flatMap((name): Task[] => {
    const cluster = context.stack.clusters[name];
    if (cluster === undefined) return [];
    const { inventory } = context.prismCentrals.of(name);
    return [{ check: id, cluster: name, run: (signal) => check.run({ ...context, name, cluster, inventory, signal }) }];
  });
}

/** Two logins to one address have one host name and one port: each line is shown once. */
function distinct<T extends CheckOutcome & { check?: string; cluster?: string | undefined }>(
  results: readonly T[],
): T[] {
  const key = ({ check, cluster, status, message }: T) => [check, cluster, status, message].join("\n");
  return [...new Map(results.map((one) => [key(one), one])).values()];
}

/** Problems of a cluster, one line each; all that passes in one line. */
function summarize(outcomes: readonly CheckOutcome[]): readonly CheckOutcome[] {
  const problems = outcomes.filter(({ status }) => status !== "pass");
  const [first, ...more] = distinct(outcomes);
  if (problems.length > 0 || first === undefined) return problems;
  return [{ ...first, message: [first, ...more].map(({ message }) => message).join(", ") }];
}

async function runTask(
  { run }: Task,
  { deadline, signal }: { deadline: number; signal: AbortSignal | undefined },
): Promise<readonly CheckOutcome[]> {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(new Inconclusive(`no result within ${deadline} s`)), deadline * 1000);
  const either = signal === undefined ? own.signal : AbortSignal.any([own.signal, signal]);
  const aborted = new Promise<never>((_, reject) => {
    const stop = () => reject(either.reason);
    if (either.aborted) stop();
    else either.addEventListener("abort", stop, { once: true });
  });
  aborted.catch(() => undefined);
  try {
    return [await Promise.race([run(either), aborted])].flat();
  } catch (error) {
    return [outcomeOf(error)];
  } finally {
    clearTimeout(timer);
  }
}

/** Only expected errors are shown: the message of another may hold a request, and with it a login. */
function outcomeOf(error: unknown): CheckOutcome {
  try {
    return inconclusiveBy(error);
  } catch {
    if (!(error instanceof Error)) return inconclusive(`the check failed (${typeof error})`, REPORT);
    if (error.name === "AbortError") return inconclusive("the run was stopped");
    const [, caller] = /at (?:async )?(\w[\w.]*) /.exec(error.stack ?? "") ?? [];
    const where = caller === undefined ? "" : ` in ${caller}`;
    return inconclusive(`the check failed (${error.name}${where})`, REPORT);
  }
}

const REPORT = "report this defect, with the output of --json";
