import { join } from "node:path";
import { readJson, replaceFile } from "../tools/replace-file.ts";

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
  /** Whether the process that simulates kcm's controllers is part of it. */
  controllers: boolean;
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

/** Whether a text can name a sandbox: it becomes part of a path and of process arguments. */
export function isSandboxName(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(text);
}

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
  };
}

/** undefined where there is none, or one that was torn: the sandbox is then created again. */
export function readRecord(layout: SandboxLayout): SandboxRecord | undefined {
  const record = readJson(layout.record) as Partial<SandboxRecord> | null | undefined;
  return record?.ports === undefined ? undefined : (record as SandboxRecord);
}

export function writeRecord(layout: SandboxLayout, record: SandboxRecord): void {
  replaceFile(layout.record, `${JSON.stringify(record, null, 2)}\n`, 0o600);
}
