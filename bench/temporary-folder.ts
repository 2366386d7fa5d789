/** A folder that is gone when its process has ended, with all that runs in it: also after the second Ctrl-C, which waits for nothing. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kill, processes } from "../sandbox/tools/process.ts";

export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `k0rdent-nutanix-${name}-`));
  process.once("exit", () => {
    if (existsSync(folder)) spawnSync(process.execPath, [import.meta.filename, folder]);
  });
  return folder;
}

if (process.argv[1] === import.meta.filename && process.argv[2]) {
  const folder = process.argv[2];
  const users = (await processes()).filter(({ pid, command }) => pid !== process.pid && command.includes(folder));
  await kill(
    users.map(({ pid }) => pid),
    10_000,
  );
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}
