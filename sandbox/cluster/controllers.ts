import { spawn } from "node:child_process";
import { existsSync, fstatSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../kubernetes/wait.ts";
import { writeCharts } from "../../manifests/chart-archive.ts";
import { CLUSTER_CHARTS, PROVIDER } from "../../manifests/names.ts";
import { PROJECT } from "../crds.ts";
import { processes } from "../tools/process.ts";
import { type ComponentStatus, stopProcess } from "./components.ts";
import type { SandboxLayout, SandboxRecord } from "./layout.ts";
import { SandboxError } from "./sandbox-error.ts";

const START_MS = 15_000;
const MAIN = join(import.meta.dirname, "..", "controllers", "start-controllers.ts");

/** Found by its command line: a run that was killed right after its start left no other record. */
export async function controllersStatus({ directory }: SandboxLayout): Promise<ComponentStatus> {
  const own = `${MAIN} --kubeconfig ${directory}/`;
  const found = (await processes()).find(({ command }) => command.includes(own));
  return { name: "controllers", running: found !== undefined, ...(found && { pid: found.pid }) };
}

/** Starts the process that simulates kcm's controllers, unless it runs. It outlives this one. */
export async function startControllers(layout: SandboxLayout, { tools }: SandboxRecord): Promise<void> {
  if (!existsSync(MAIN) || (await controllersStatus(layout)).running) return;
  const charts = join(layout.directory, "cluster-charts");
  await writeCharts([PROVIDER, ...Object.values(CLUSTER_CHARTS)], charts);
  const files = ["--kubeconfig", layout.kubeconfig, "--directory", layout.directory];
  const args = [...files, "--charts", charts, "--helm", tools.helm ?? "helm"];
  const log = openSync(layout.controllersLog, "a", 0o600);
  const begin = fstatSync(log).size;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: PROJECT,
    detached: true,
    stdio: ["ignore", log, log],
  });
  const exited = new Promise<never>((_, reject) => {
    child.once("exit", async () => reject(new SandboxError(await lastLine(layout.controllersLog))));
  });
  // The line by which this start begins: an earlier process may have logged the same.
  const hasStarted = async () =>
    (await readFile(layout.controllersLog, "utf8")).slice(begin).includes("controllers start");
  await Promise.race([exited, waitFor(hasStarted, { timeout: START_MS, interval: 50 })]);
  child.removeAllListeners("exit");
  child.unref();
}

async function lastLine(log: string): Promise<string> {
  const lines = (await readFile(log, "utf8")).trim().split("\n");
  return `the sandbox's controllers ended at their start (${lines.at(-1) ?? "no output"}); see ${log}`;
}

export async function stopControllers(layout: SandboxLayout): Promise<void> {
  const { pid } = await controllersStatus(layout);
  if (pid !== undefined) await stopProcess(pid);
}
