import { spawn } from "node:child_process";
import { existsSync, fstatSync, openSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PROJECT } from "../crds.ts";
import { type ComponentStatus, processStatus, stopProcess } from "./components.ts";
import type { SandboxLayout, SandboxRecord } from "./layout.ts";
import { SandboxError } from "./sandbox-error.ts";

const START_MS = 15_000;
const MAIN = join(import.meta.dirname, "..", "controllers", "start-controllers.ts");

export async function controllersStatus(layout: SandboxLayout): Promise<ComponentStatus> {
  return processStatus("controllers", layout.controllersPid, MAIN);
}

/** Starts the process that plays kcm's controllers, unless it runs. It outlives this one. */
export async function startControllers(layout: SandboxLayout, { tools }: SandboxRecord): Promise<void> {
  if (!existsSync(MAIN) || (await controllersStatus(layout)).running) return;
  const args = [
    "--kubeconfig",
    layout.kubeconfig,
    "--directory",
    layout.directory,
    "--charts",
    join(PROJECT, "charts"),
  ];
  const log = openSync(layout.controllersLog, "a", 0o600);
  const begin = fstatSync(log).size;
  const child = spawn(process.execPath, [MAIN, ...args, "--helm", tools.helm ?? "helm"], {
    cwd: PROJECT,
    detached: true,
    stdio: ["ignore", log, log],
  });
  await writeFile(layout.controllersPid, String(child.pid));
  const exited = new Promise<never>((_, reject) => {
    child.once("exit", async () => reject(new SandboxError(await lastWords(layout.controllersLog))));
  });
  await Promise.race([exited, started(layout.controllersLog, begin)]);
  child.removeAllListeners("exit");
  child.unref();
}

/** Waits for the line by which this start begins: for a process that ended before it, everything else would wait in vain. */
async function started(log: string, begin: number): Promise<void> {
  const until = Date.now() + START_MS;
  while (Date.now() < until) {
    if ((await readFile(log, "utf8")).slice(begin).includes("controllers start")) return;
    await sleep(50);
  }
}

async function lastWords(log: string): Promise<string> {
  const lines = (await readFile(log, "utf8")).trim().split("\n");
  return `the sandbox's controllers ended as they started (${lines.at(-1) ?? "without a word"}); ${log} has all of it`;
}

export async function stopControllers(layout: SandboxLayout): Promise<void> {
  const { pid } = await controllersStatus(layout);
  if (pid !== undefined) await stopProcess(pid);
  await rm(layout.controllersPid, { force: true });
}
