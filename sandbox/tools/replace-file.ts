import { randomBytes } from "node:crypto";
import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdir, readlink, rename, symlink } from "node:fs/promises";
import { dirname } from "node:path";

/** What a file in JSON holds; undefined where there is none, or a torn one. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * Writes a file whole or not at all: readers, and the next run after a kill or on a full disk, see the old content or the new one.
 * A symbolic link stays, and a device such as /dev/stdout is written to.
 */
export function replaceFile(path: string, content: string | Uint8Array, mode = 0o644): void {
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing !== undefined && !existing.isFile()) {
    writeFileSync(path, content);
    return;
  }
  const file = existing === undefined ? path : realpathSync(path);
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(draft, content, { mode, flag: "wx" });
    renameSync(draft, file);
  } catch (error) {
    // The draft's name means nothing to a user.
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Links `path` to `target`, at once: several processes may do so at the same time. */
export async function replaceLink(path: string, target: string): Promise<void> {
  if ((await readlink(path).catch(() => undefined)) === target) return;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  await symlink(target, draft);
  await rename(draft, path);
}
