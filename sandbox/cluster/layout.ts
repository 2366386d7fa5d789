import { existsSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Record of a sandbox, in `sandbox.json`. */
export interface SandboxRecord {
  name: string;
  /** Absolute paths by tool. */
  tools: Readonly<Record<string, string>>;
  ports: Ports;
  kcmVersion: string;
  crds: "real" | "stand-in";
  /** True once the control plane was up for the first time. */
  complete: boolean;
}

export interface Ports {
  apiServer: number;
  etcd: number;
  etcdPeer: number;
  controllerManager: number;
  scheduler: number;
  kwok: number;
}

export const COMPONENTS = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok-controller",
] as const;
export type ControlPlaneComponent = (typeof COMPONENTS)[number];

/** Name of the one cluster in each sandbox's own kwok folder. */
export const KWOK_NAME = "sandbox";

export interface SandboxLayout {
  directory: string;
  record: string;
  lock: string;
  kubeconfig: string;
  charts: string;
  /** kwok's own folder, and the cluster's below it. */
  kwok: string;
  cluster: string;
  kwokConfig: string;
  controllersLog: string;
  controllersPid: string;
}

export function layoutOf(directory: string): SandboxLayout {
  const kwok = join(directory, "kwok");
  return {
    directory,
    record: join(directory, "sandbox.json"),
    lock: `${directory}.lock`,
    kubeconfig: join(directory, "kubeconfig"),
    charts: join(directory, "charts"),
    kwok,
    cluster: join(kwok, "clusters", KWOK_NAME),
    kwokConfig: join(directory, "kwok.yaml"),
    controllersLog: join(directory, "controllers.log"),
    controllersPid: join(directory, "controllers.pid"),
  };
}

export function readRecord(layout: SandboxLayout): SandboxRecord | undefined {
  return existsSync(layout.record) ? (JSON.parse(readFileSync(layout.record, "utf8")) as SandboxRecord) : undefined;
}

export async function writeRecord(layout: SandboxLayout, record: SandboxRecord): Promise<void> {
  await replaceFile(layout.record, `${JSON.stringify(record, null, 2)}\n`, 0o600);
}

/** Replaces a file at once: readers see the old text or the new one. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, text, { mode });
  await rename(draft, path);
}
