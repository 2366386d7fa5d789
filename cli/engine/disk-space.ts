import { mkdir, statfs } from "node:fs/promises";
import { Failure } from "../output/failure.ts";
import { note } from "../output/print.ts";

const MIB = 2 ** 20;
/** A new sandbox with its state takes this many bytes. */
const NEEDED = 400 * MIB;
/** Below this, etcd and the engine are about to fail. */
const LEAST = 12 * MIB;
const EVERY_MS = 500;
/** Milliseconds for the operations at hand, which may wait for an etcd that cannot write any more. */
const GRACE_MS = 5_000;

/**
 * A signal that aborts when the disk of a folder is nearly full: what runs then would wait for minutes, and say something else.
 *
 * @throws Failure where it is too full to begin.
 */
export async function watchDisk(folder: string): Promise<AbortSignal> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await freeBytes(folder)) < NEEDED) throw full(folder);
  const controller = new AbortController();
  const timer = setInterval(async () => {
    if ((await freeBytes(folder)) >= LEAST || controller.signal.aborted) return;
    clearInterval(timer);
    controller.abort(full(folder));
    setTimeout(() => {
      note(full(folder).message);
      process.exit(full(folder).exitCode);
    }, GRACE_MS).unref();
  }, EVERY_MS);
  timer.unref();
  return controller.signal;
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function full(folder: string): Failure {
  return new Failure(
    `the disk of ${folder} is full; free ${NEEDED / MIB} MiB there and run the command again, which continues or starts over`,
  );
}
