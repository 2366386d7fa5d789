import { spawn } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT } from "../crds.ts";
import { type ComponentStatus, statusOf, stopProcess } from "./components.ts";
import type { Layout, SandboxRecord } from "./layout.ts";

const MAIN = join(import.meta.dirname, "..", "controllers", "main.ts");

export async function controllersStatus(layout: Layout): Promise<ComponentStatus> {
  return statusOf("controllers", layout.controllersPid, MAIN);
}

/** Starts the process that plays kcm's controllers, unless it runs. It outlives this one. */
export async function startControllers(layout: Layout, { tools }: SandboxRecord): Promise<void> {
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
  const child = spawn(process.execPath, [MAIN, ...args, "--helm", tools.helm ?? "helm"], {
    cwd: PROJECT,
    detached: true,
    stdio: ["ignore", log, log],
  });
  child.unref();
  await writeFile(layout.controllersPid, String(child.pid));
}

export async function stopControllers(layout: Layout): Promise<void> {
  const { pid } = await controllersStatus(layout);
  if (pid !== undefined) await stopProcess(pid);
  await rm(layout.controllersPid, { force: true });
}
