import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { waitFor } from "../../kubernetes/wait.ts";

const run = promisify(execFile);

/** The command line of a living process; undefined when there is none of that id (a zombie is none). */
export async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") {
    const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return text.replaceAll("\0", " ").trim() || undefined;
  }
  const { stdout } = await run("ps", ["-o", "command=", "-p", String(pid)]).catch(() => ({ stdout: "" }));
  return stdout.trim() || undefined;
}

/** What a process has in common with no other, before or after it, of its id; undefined where none has the id. */
export async function identityOf(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") {
    const [stat, boot] = await Promise.all(
      [`/proc/${pid}/stat`, "/proc/sys/kernel/random/boot_id"].map((file) => readFile(file, "utf8").catch(() => "")),
    );
    // Behind the name, which may hold anything, the twentieth field is the start.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
    return fields[19] === undefined || fields[0] === "Z" ? undefined : `${boot?.trim()} ${fields[19]}`;
  }
  const { stdout } = await run("ps", ["-o", "lstart=", "-p", String(pid)]).catch(() => ({ stdout: "" }));
  return stdout.trim() || undefined;
}

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every living process of this machine. */
export async function processes(): Promise<Process[]> {
  if (process.platform !== "linux") {
    const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,command="]);
    return stdout.split("\n").flatMap((line) => {
      const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
    });
  }
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [command, status] = await Promise.all([
        commandOf(pid),
        readFile(`/proc/${pid}/status`, "utf8").catch(() => ""),
      ]);
      const parent = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? Number.NaN);
      return command === undefined || Number.isNaN(parent) ? undefined : { pid, parent, command };
    }),
  );
  return found.filter((one) => one !== undefined);
}

/** Sends the signal; a process that has already ended is not an error. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Whether a process holds nothing any more, ports and files included; it may be a zombie. */
async function isGone(pid: number): Promise<boolean> {
  if (process.platform !== "linux") return (await commandOf(pid)) === undefined;
  // A process that ends has no command line for a while before its files are closed, and that is done by its last thread.
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return true;
  const isZombie = /\) [ZX] [^)]*$/.test(stat);
  return isZombie && (await readdir(`/proc/${pid}/task`).catch(() => [])).length <= 1;
}

/** Kills processes, and waits for each until it has ended, or the deadline in milliseconds. */
export async function kill(pids: readonly number[], deadline: number): Promise<void> {
  for (const pid of pids) send(pid, "SIGKILL");
  await Promise.all(pids.map((pid) => waitGone(pid, deadline)));
}

/** Waits until the process has ended; false when it is still there after the deadline in milliseconds. */
export async function waitGone(pid: number, deadline: number): Promise<boolean> {
  return (await waitFor(() => isGone(pid), { timeout: deadline, interval: 20 })) ?? false;
}
