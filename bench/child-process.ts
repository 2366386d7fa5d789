/** A command, timed as a whole, with the memory of each process below it. */
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { execa } from "execa";

interface ProcessOptions {
  readonly cwd?: string;
  /** More variables. @default those of this process */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Timed {
  readonly stdout: string;
  readonly seconds: number;
  /** Highest resident memory in MB by the name of the executable. Linux only; empty elsewhere. */
  readonly peaks: Readonly<Record<string, number>>;
}

const INTERVAL_MS = 100;

/** @throws what execa throws where the command fails. */
export async function timed(command: readonly [string, ...string[]], options: ProcessOptions = {}): Promise<Timed> {
  const [file, ...words] = command;
  const start = performance.now();
  const child = execa(file, words, options);
  const peaks: Record<string, number> = {};
  const timer = setInterval(() => {
    for (const pid of tree(child.pid)) {
      const [name, megabytes] = peakOf(pid);
      if (name !== undefined) peaks[name] = Math.max(peaks[name] ?? 0, megabytes);
    }
  }, INTERVAL_MS);
  try {
    const { stdout } = await child;
    return { stdout, seconds: (performance.now() - start) / 1000, peaks };
  } finally {
    clearInterval(timer);
  }
}

/** A process and all below it. */
function tree(root: number | undefined): number[] {
  if (root === undefined || process.platform !== "linux") return [];
  const children = Map.groupBy(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number),
    parentOf,
  );
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(statusOf(pid))?.[1]);
}

/** Name and highest resident memory. Linux keeps the peak itself, so none is missed between two looks. */
function peakOf(pid: number): readonly [string | undefined, number] {
  const kilobytes = Number(/^VmHWM:\s+(\d+)/m.exec(statusOf(pid))?.[1] ?? 0);
  return [commandOf(pid), kilobytes / 1024];
}

function commandOf(pid: number): string | undefined {
  const [path = ""] = readOrEmpty(`/proc/${pid}/cmdline`).split("\0");
  return path === "" ? undefined : basename(path);
}

const statusOf = (pid: number) => readOrEmpty(`/proc/${pid}/status`);

/** A process may end between two reads. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
