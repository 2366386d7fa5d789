import { rmSync } from "node:fs";
import { chmod, mkdir, readdir, rm } from "node:fs/promises";
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
