import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXIT, Failure, isDiskFull } from "../output/failure.ts";

export interface TemporaryFolder {
  readonly folder: string;
  readonly remove: () => void;
}

const open = new Set<string>();

/**
 * Makes a folder for temporary files. It goes with the process too, also where a signal ends that.
 *
 * @throws Failure where TMPDIR cannot be used.
 */
export async function openTemporaryFolder(name: string): Promise<TemporaryFolder> {
  const folder = await mkdtemp(join(tmpdir(), `k0rdent-nutanix-${name}-`)).catch((error: NodeJS.ErrnoException) => {
    const reason = `TMPDIR: ${tmpdir()} cannot be used (${error.code}); set it to a folder that you can write`;
    throw isDiskFull(error) ? temporaryError(error) : new Failure(reason);
  });
  if (open.size === 0) process.on("exit", removeAll);
  if (open.size === 0) for (const signal of SIGNALS) process.on(signal, end);
  open.add(folder);
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
      open.delete(folder);
      if (open.size > 0) return;
      process.off("exit", removeAll);
      for (const signal of SIGNALS) process.off(signal, end);
    },
  };
}

/** Runs work with a folder for its temporary files. */
export async function withTemporaryFolder<T>(name: string, work: (folder: string) => Promise<T>): Promise<T> {
  const { folder, remove } = await openTemporaryFolder(name);
  try {
    return await work(folder);
  } catch (error) {
    throw temporaryError(error);
  } finally {
    remove();
  }
}

/** An error while temporary files are written. */
export function temporaryError(error: unknown): unknown {
  if (!isDiskFull(error)) return error;
  return new Failure(`TMPDIR: the disk of ${tmpdir()} is full; free some space, or set it to a folder of another disk`);
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A command that ends in order has its own listener. */
function end(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) === 1) process.exit(EXIT.interrupted);
}

function removeAll(): void {
  for (const folder of open) rmSync(folder, { recursive: true, force: true });
}
