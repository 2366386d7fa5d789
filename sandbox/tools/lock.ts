import { link, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identityOf } from "./process.ts";

export interface LockOptions {
  /** Called once when another process holds the lock, with its id. */
  waiting?: (pid: number) => void;
  signal?: AbortSignal | undefined;
}

/** Runs the work while no other process of this machine runs work under the same path. A lock of a dead process is taken over. */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const mine = `${process.pid}\n${await identityOf(process.pid)}\n`;
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await writeFile(draft, mine);
  try {
    await acquire(path, draft, options);
    await removeStaleDrafts(path);
    try {
      return await work();
    } finally {
      await rm(path, { force: true });
    }
  } finally {
    await rm(draft, { force: true });
  }
}

async function acquire(path: string, draft: string, { waiting, signal }: LockOptions): Promise<void> {
  for (let isReported = false; ; ) {
    signal?.throwIfAborted();
    try {
      // A link appears with its content or not at all.
      return await link(draft, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = await read(path);
    if (holder === undefined) {
      // Gone since, or a link to nowhere, which is never gone.
      if ((await lstat(path).catch(() => undefined))?.isSymbolicLink())
        throw Object.assign(new Error("a link holds the place of a lock"), { code: "EEXIST", path });
      continue;
    }
    if (await isAlive(holder)) {
      if (!isReported) waiting?.(Number.parseInt(holder, 10));
      isReported = true;
      await sleep(200);
    } else {
      await takeAway(path, holder);
    }
  }
}

/** Those of processes that were killed. */
async function removeStaleDrafts(path: string): Promise<void> {
  const folder = dirname(path);
  for (const file of await readdir(folder).catch(() => [])) {
    const pid = file.startsWith(`${basename(path)}.`) ? /\.(\d+)(\.\w+)?$/.exec(file)?.[1] : undefined;
    if (pid !== undefined && (await identityOf(Number(pid))) === undefined)
      await rm(join(folder, file), { force: true });
  }
}

async function takeAway(path: string, holder: string): Promise<void> {
  const aside = `${path}.stale.${process.pid}`;
  await rename(path, aside).catch(() => undefined);
  const taken = await read(aside);
  // Another process may have been quicker: the moved file is then an active lock, and is moved back.
  if (taken !== undefined && taken !== holder) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function isAlive(holder: string): Promise<boolean> {
  const [pid = "", identity] = holder.split("\n");
  // One that was cut off names no process.
  return identity !== undefined && (await identityOf(Number.parseInt(pid, 10))) === identity;
}

/** undefined where there is no lock; what cannot be read would be waited for without end. */
async function read(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw Object.assign(error, { path });
  });
}
