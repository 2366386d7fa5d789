import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { yamlText } from "../kubernetes/yaml-text.ts";
import {
  type ComponentStatus,
  componentStatuses,
  linkBinaries,
  removeStalePidFiles,
  stopComponent,
  stopComponents,
  stopStrays,
} from "./cluster/components.ts";
import { controllersStatus, startControllers, stopControllers } from "./cluster/controllers.ts";
import { kwokctl, writeKwokConfig } from "./cluster/kwok.ts";
import {
  COMPONENTS,
  isSandboxName,
  layoutOf,
  readRecord,
  type SandboxLayout,
  type SandboxRecord,
  writeRecord,
} from "./cluster/layout.ts";
import { freePorts, requirePorts } from "./cluster/ports.ts";
import { SandboxError } from "./cluster/sandbox-error.ts";
import { waitUntilReady } from "./cluster/settle.ts";
import type { SandboxTool, ToolPaths } from "./ensure-tools.ts";
import { writeKcmChart } from "./kcm-chart.ts";
import { withLock } from "./tools/lock.ts";
import { replaceFile } from "./tools/replace-file.ts";

export { SandboxError };

export interface SandboxOptions {
  /** 1 to 40 of a-z, 0-9 and `-`. */
  name: string;
  /** Absolute; everything that the sandbox writes is in it. */
  directory: string;
  tools: ToolPaths<SandboxTool>;
  /** A folder of released definitions, or "stand-in". Default: those beside the project, else stand-ins. */
  crds?: string;
  /** kcm version of the stand-in chart. Default: 1.2.0. */
  kcmVersion?: string;
  /** Whether to start the process that simulates kcm's controllers. Default: true. */
  controllers?: boolean;
  /** Policy of the API server's audit log, `kwok/clusters/sandbox/logs/audit.log`, for a new sandbox. Default: no log. */
  auditPolicy?: string;
  /** Receives the progress, one line a call. Default: none. */
  report?: (line: string) => void;
}

export interface Sandbox {
  name: string;
  directory: string;
  /** File with mode 0600, which holds its certificates. */
  kubeconfig: string;
  /** https://127.0.0.1:<port> */
  server: string;
  /** Folder of the stand-in kcm chart. */
  kcmChart: string;
  kcmVersion: string;
  crds: "real" | "stand-in";
  /** False where it existed; processes that had ended were restarted. */
  created: boolean;
}

export interface SandboxStatus {
  /** degraded: a part of it runs. */
  state: "absent" | "running" | "degraded" | "stopped";
  components: ComponentStatus[];
}

/** Creates a management cluster on this machine, or restarts what of it has ended. Throws SandboxError. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  if (!isSandboxName(options.name)) {
    const remedy = "use 1 to 40 of a-z, 0-9 and -, without - at the ends";
    throw new SandboxError(`sandbox: "${options.name}" is not a valid name; ${remedy}`);
  }
  const layout = layoutOf(options.directory);
  return locked(layout, options, () => createLocked(layout, options));
}

type Startup = Pick<SandboxOptions, "report" | "controllers" | "auditPolicy">;

async function createLocked(layout: SandboxLayout, options: SandboxOptions): Promise<Sandbox> {
  const report = options.report ?? (() => undefined);
  await mkdir(layout.directory, { recursive: true, mode: 0o700 });
  const before = readRecord(layout);
  const created = !before?.complete;
  const controllers = options.controllers !== false;
  const record = before?.complete ? { ...before, tools: options.tools, controllers } : await newRecord(options);
  // Before anything else: only a folder with a record is deleted as a sandbox.
  writeRecord(layout, record);
  const [chart] = await Promise.all([
    writeChart(layout, options),
    created ? createCluster(layout, record, options) : resume(layout, record, options),
  ]);
  const written: SandboxRecord = { ...record, complete: true, kcmVersion: chart.version, crds: chart.crds };
  writeRecord(layout, written);
  report(`sandbox ${record.name} is ${created ? "up" : "running"}: ${serverOf(record)}`);
  return {
    name: record.name,
    directory: layout.directory,
    kubeconfig: layout.kubeconfig,
    server: serverOf(record),
    kcmChart: chart.path,
    kcmVersion: chart.version,
    crds: chart.crds,
    created,
  };
}

async function writeChart(layout: SandboxLayout, options: SandboxOptions) {
  await mkdir(layout.charts, { recursive: true });
  return writeKcmChart({ directory: layout.charts, version: options.kcmVersion ?? "1.2.0", crds: options.crds });
}

async function createCluster(layout: SandboxLayout, record: SandboxRecord, options: Startup): Promise<void> {
  await stopAll(layout);
  await rm(layout.kwok, { recursive: true, force: true });
  options.report?.(`starting sandbox ${record.name}`);
  writeKwokConfig(layout, record, options.auditPolicy);
  await kwokctl(layout, record, ["create", "cluster"]);
  writeKubeconfig(layout, record);
  // The controllers wait for the API server themselves, so they load while it starts.
  await Promise.all([
    waitUntilReady(layout, record),
    options.controllers !== false && startControllers(layout, record),
  ]);
}

async function newRecord({ name, tools, controllers = true }: SandboxOptions): Promise<SandboxRecord> {
  return { name, tools, ports: await freePorts(), kcmVersion: "", crds: "stand-in", complete: false, controllers };
}

/** Restarts what has ended. */
async function resume(layout: SandboxLayout, record: SandboxRecord, options: Startup): Promise<void> {
  writeKubeconfig(layout, record);
  await removeStalePidFiles(layout);
  const statuses = await statusesOf(layout, options);
  const dead = statuses.filter(({ running }) => !running).map(({ name }) => name);
  if (dead.length > 0) options.report?.(`restarting in sandbox ${record.name}: ${dead.join(", ")}`);
  if (COMPONENTS.some((name) => dead.includes(name))) {
    await linkBinaries(layout, record.tools);
    await requirePorts(layout, record, dead);
    await kwokctl(layout, record, ["start", "cluster"]);
  }
  await waitUntilReady(layout, record);
  if (options.controllers !== false) await startControllers(layout, record);
}

function writeKubeconfig(layout: SandboxLayout, record: SandboxRecord): void {
  const data = (name: string) => readFileSync(join(layout.cluster, "pki", name)).toString("base64");
  const name = `k0rdent-nutanix-${record.name}`;
  const cluster = { server: serverOf(record), "certificate-authority-data": data("ca.crt") };
  const user = { "client-certificate-data": data("admin.crt"), "client-key-data": data("admin.key") };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
  replaceFile(layout.kubeconfig, yamlText(config), 0o600);
}

/** Stops every process of the sandbox and removes its folder. One that does not exist is not an error. */
export async function deleteSandbox(directory: string): Promise<void> {
  const layout = layoutOf(directory);
  if (!existsSync(directory)) return;
  if (!existsSync(layout.record) && readdirSync(directory).some((file) => !file.startsWith("sandbox.json."))) {
    throw new SandboxError(`sandbox: "${directory}" contains no sandbox.json; set the folder of a sandbox`);
  }
  await locked(layout, {}, async () => {
    await stopAll(layout);
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  });
}

/** Stops every process; createSandbox restarts them with all objects. */
export async function stopSandbox(directory: string): Promise<void> {
  const layout = layoutOf(directory);
  if (existsSync(directory)) await locked(layout, {}, () => stopAll(layout));
}

async function stopAll(layout: SandboxLayout): Promise<void> {
  await stopStrays(layout, ["kwokctl"]);
  await stopControllers(layout);
  await stopComponents(layout);
  await stopStrays(layout, [...COMPONENTS, "kwok"]);
}

/** Whether a sandbox was created there, running or not. */
export function hasSandbox(directory: string): boolean {
  return readRecord(layoutOf(directory))?.complete ?? false;
}

export async function sandboxStatus(directory: string): Promise<SandboxStatus> {
  const layout = layoutOf(directory);
  if (!existsSync(layout.record)) return { state: "absent", components: [] };
  const components = await statusesOf(layout, readRecord(layout) ?? {});
  const running = components.filter((component) => component.running).length;
  const state = running === components.length ? "running" : running === 0 ? "stopped" : "degraded";
  return { state, components };
}

/** The control plane's processes, and the one that simulates kcm's controllers, where it is part of the sandbox. */
async function statusesOf(
  layout: SandboxLayout,
  { controllers = true }: { readonly controllers?: boolean },
): Promise<ComponentStatus[]> {
  return [...(await componentStatuses(layout)), ...(controllers ? [await controllersStatus(layout)] : [])];
}

/** Stops the API server, for tests. */
export async function stopApiServer(directory: string, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
  await stopComponent(layoutOf(directory), "kube-apiserver", signal);
}

/** Restarts what has ended of the control plane, and returns when the API server is ready. */
export async function startApiServer(directory: string): Promise<void> {
  const layout = layoutOf(directory);
  const record = readRecord(layout);
  if (!record?.complete) {
    throw new SandboxError(`sandbox: "${directory}" contains no complete sandbox; create it first`);
  }
  await locked(layout, {}, () => resume(layout, record, { controllers: false }));
}

function serverOf({ ports }: SandboxRecord): string {
  return `https://127.0.0.1:${ports.apiServer}`;
}

async function locked<T>(
  layout: SandboxLayout,
  { report }: Pick<SandboxOptions, "report">,
  work: () => Promise<T>,
): Promise<T> {
  return withLock(layout.lock, work, {
    waiting: (pid) => report?.(`waiting for process ${pid}, which changes the same sandbox`),
  });
}
