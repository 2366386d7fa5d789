import { withLock } from "../../sandbox/tools/lock.ts";
import { note } from "../output/print.ts";
import { sandboxFolder } from "../stack/paths.ts";

/** Runs what changes a sandbox and its stacks while no other command of this machine does. */
export function withRunLock<T>(sandbox: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return withLock(`${sandboxFolder(sandbox)}.run.lock`, work, {
    waiting: (pid) => note(`waiting for process ${pid}, which changes the sandbox ${sandbox}`),
    signal,
  });
}
