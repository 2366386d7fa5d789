import { rmSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { commandOf } from "../../sandbox/tools/process.ts";

/** Folder for the temporary files of the engines that this process runs; it goes with the process. */
export function temporaryFolder(local: string): string {
  return join(local, "tmp", String(process.pid));
}

/** Makes folders that only their user may enter: the public passphrase of the stack dev protects no state. */
export async function preparePrivateFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  }
}

/** Removes the temporary files of this process at its end, and now those of processes that were killed. */
export async function cleanTemporaryFolders(local: string): Promise<void> {
  const own = temporaryFolder(local);
  process.once("exit", () => rmSync(own, { recursive: true, force: true }));
  for (const pid of await readdir(dirname(own)).catch(() => []))
    if (/^\d+$/.test(pid) && (await commandOf(Number(pid))) === undefined)
      await rm(join(dirname(own), pid), { recursive: true, force: true });
}

/** Removes files of the engine's home that a full disk cut off; the engine would stop at them, and writes new ones. */
export async function removeTornWorkspaces(home: string): Promise<void> {
  const folder = join(home, "workspaces");
  for (const file of await readdir(folder).catch(() => []))
    await readFile(join(folder, file), "utf8")
      .then(JSON.parse)
      .catch(() => rm(join(folder, file), { force: true }));
}
