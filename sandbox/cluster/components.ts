import { readdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { commandOf, kill, processes, send, waitGone } from "../tools/process.ts";
import { replaceLink } from "../tools/replace-file.ts";
import { COMPONENTS, type ControlPlaneComponent, type SandboxLayout } from "./layout.ts";

export interface ComponentStatus {
  name: string;
  /** Undefined when it does not run. */
  pid?: number;
  running: boolean;
}

/** The control plane's processes. An id that another process has now (after a reboot) does not count. */
export async function componentStatuses(layout: SandboxLayout): Promise<ComponentStatus[]> {
  return Promise.all(COMPONENTS.map((name) => componentStatus(layout, name)));
}

async function componentStatus(layout: SandboxLayout, name: ControlPlaneComponent): Promise<ComponentStatus> {
  const pid = Number.parseInt(await readFile(pidFile(layout, name), "utf8").catch(() => ""), 10);
  const running = pid > 0 && ((await commandOf(pid))?.includes(layout.cluster) ?? false);
  return running ? { name, pid, running } : { name, running };
}

/** Removes the id files of processes that have ended: kwokctl only checks whether any process has the id. */
export async function removeStalePidFiles(layout: SandboxLayout): Promise<void> {
  for (const { name, running } of await componentStatuses(layout)) {
    if (!running) await rm(pidFile(layout, name), { force: true });
  }
}

/** Links the cluster's binaries to the tools of this run. Running processes keep theirs. */
export async function linkBinaries(layout: SandboxLayout, tools: Readonly<Record<string, string>>): Promise<void> {
  for (const name of COMPONENTS) {
    const link = join(layout.cluster, "bin", name);
    const target = tools[name === "kwok-controller" ? "kwok" : name];
    if (target) await replaceLink(link, target);
  }
}

/** Stops one process and waits for it. */
export async function stopComponent(
  layout: SandboxLayout,
  name: ControlPlaneComponent,
  signal: NodeJS.Signals = "SIGTERM",
): Promise<void> {
  const { pid } = await componentStatus(layout, name);
  if (pid !== undefined) await stopProcess(pid, signal);
  await rm(pidFile(layout, name), { force: true });
}

/** Kills what a killed run left without a record of its id: kwokctl, and what that started since. */
export async function stopStrays({ directory }: SandboxLayout, programs: readonly string[]): Promise<void> {
  const strays = (await processes()).filter(({ command }) => {
    const [program = ""] = command.split(" ");
    return programs.includes(basename(program)) && command.includes(`${directory}/`);
  });
  await kill(
    strays.map(({ pid }) => pid),
    10_000,
  );
}

export async function stopProcess(pid: number, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  send(pid, signal);
  if (await waitGone(pid, 3_000)) return;
  await kill([pid], 10_000);
}

/** Stops all processes, etcd last: the others need it for their shutdown. */
export async function stopComponents(layout: SandboxLayout): Promise<void> {
  await Promise.all(
    COMPONENTS.filter((name) => name !== "etcd" && name !== "kube-apiserver").map((name) =>
      stopComponent(layout, name),
    ),
  );
  // On SIGTERM the API server waits up to a minute for its watches; it has no state that a kill could lose.
  await stopComponent(layout, "kube-apiserver", "SIGKILL");
  await stopComponent(layout, "etcd");
}

/** The last log line of each process that has ended. */
export async function lastLogLines(layout: SandboxLayout): Promise<string> {
  const dead = (await componentStatuses(layout)).filter(({ running }) => !running);
  const logs = await readdir(join(layout.cluster, "logs")).catch((): string[] => []);
  const lines = dead
    .filter(({ name }) => logs.includes(`${name}.log`))
    .map(async ({ name }) => {
      const text = await readFile(join(layout.cluster, "logs", `${name}.log`), "utf8");
      return `${name}: ${text.trim().split("\n").at(-1)?.slice(0, 300)}`;
    });
  return (await Promise.all(lines)).join("; ");
}

function pidFile(layout: SandboxLayout, name: string): string {
  return join(layout.cluster, "pids", `${name}.pid`);
}
