import { answer, type Check, type CheckContext, type CheckResult, Inconclusive } from "./check.ts";

/** A check that is not asked, and why. */
export interface Skip {
  readonly id: string;
  readonly reason: string;
}

export interface RunOptions {
  /** Checks that are not asked; the result echoes them. @default none */
  readonly skips?: readonly Skip[];
  /** Seconds for one check of one cluster. @default 30 */
  readonly deadline?: number;
  /** Checks at a time. @default 24 */
  readonly width?: number;
}

/** What came of a run. */
export interface PreflightResult {
  /** In the order of the checks, and within one in the order of the clusters. */
  readonly findings: readonly CheckResult[];
  readonly skipped: readonly Skip[];
}

const DEADLINE = 30;
const WIDTH = 24;

interface Task {
  readonly about: ReturnType<typeof answer>;
  ask(signal: AbortSignal): Promise<CheckResult[]>;
}

/**
 * Asks checks side by side. Never throws, and never hangs: a check that throws, or is not done by its deadline, answers
 * that it is not known, and why.
 */
export async function runChecks(
  checks: readonly Check[],
  context: Omit<CheckContext, "signal"> & { readonly signal?: AbortSignal },
  { skips = [], deadline = DEADLINE, width = WIDTH }: RunOptions = {},
): Promise<PreflightResult> {
  const skipped = skips.filter(({ id }) => checks.some((check) => check.id === id));
  const asked = checks.filter((check) => !skipped.some(({ id }) => id === check.id));
  const tasks = asked.flatMap((check) => tasksOf(check, context));
  const findings: CheckResult[][] = tasks.map(() => []);
  let next = 0;
  const work = async () => {
    for (let index = next++; index < tasks.length; index = next++) {
      findings[index] = await bounded(tasks[index] as Task, { deadline, signal: context.signal });
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, tasks.length) }, work));
  return { findings: findings.flat(), skipped };
}

function tasksOf(check: Check, context: Omit<CheckContext, "signal">): Task[] {
  if (check.scope === "stack") {
    return [{ about: answer(check.id), ask: (signal) => check.run({ ...context, signal }) }];
  }
  return context.clusters.flatMap((name) => {
    const cluster = context.stack.clusters[name];
    if (cluster === undefined) return [];
    return [{ about: answer(check.id, name), ask: (signal) => check.run({ ...context, signal, name, cluster }) }];
  });
}

async function bounded(
  { about, ask }: Task,
  { deadline, signal }: { deadline: number; signal: AbortSignal | undefined },
): Promise<CheckResult[]> {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(new Inconclusive(`no answer within ${deadline} s`)), deadline * 1000);
  const either = signal === undefined ? own.signal : AbortSignal.any([own.signal, signal]);
  const ended = new Promise<never>((_, reject) => {
    const stop = () => reject(either.reason);
    if (either.aborted) stop();
    else either.addEventListener("abort", stop, { once: true });
  });
  ended.catch(() => undefined);
  try {
    return await Promise.race([ask(either), ended]);
  } catch (error) {
    return [whyUnknown(about, error)];
  } finally {
    clearTimeout(timer);
  }
}

/** Only NotKnown speaks to users: what other errors say may hold a request, and with it a login. */
function whyUnknown(about: ReturnType<typeof answer>, error: unknown): CheckResult {
  if (error instanceof Inconclusive) return about.unknown(error.message, error.remedy);
  if (error instanceof Error && error.name === "AbortError") return about.unknown("the run was stopped");
  const kind = error instanceof Error ? error.name : typeof error;
  const place = error instanceof Error ? /at (?:async )?(\w[\w.]*) /.exec(error.stack ?? "")?.[1] : undefined;
  const where = place === undefined ? "" : ` in ${place}`;
  return about.unknown(`the check itself broke (${kind}${where})`, "report it, with the output of --json");
}
