import { mkdir, readlink, rename, symlink } from "node:fs/promises";
import { dirname } from "node:path";

/** Links `path` to `target`, at once: several processes may do so at the same time. */
export async function replaceLink(path: string, target: string): Promise<void> {
  if ((await readlink(path).catch(() => undefined)) === target) return;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  await symlink(target, draft);
  await rename(draft, path);
}
