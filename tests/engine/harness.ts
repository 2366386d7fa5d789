import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "mocha";
import { parse, stringify } from "yaml";
import { type Engine, openEngine } from "../../cli/engine/engine.ts";
import { languageHost } from "../../cli/engine/language-host.ts";
import { installPlugins } from "../../cli/engine/plugins.ts";
import { PROJECT } from "../../cli/stack/paths.ts";
import { connectKubernetes, type KubernetesClient } from "../../kubernetes/client.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import { readKubeconfig } from "../../kubernetes/kubeconfig.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { waitFor } from "../../kubernetes/wait.ts";
import { TOOL_NAMES, type ToolPaths } from "../../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox, type Sandbox } from "../../sandbox/sandbox-cluster.ts";
import { requireTools } from "../support/skip.ts";

/** The stack `dev` on a sandbox of its own, in a folder of its own, under the real engine. */
export interface Harness {
  readonly folder: string;
  readonly sandbox: Sandbox;
  readonly tools: ToolPaths;
  readonly engine: Engine;
  readonly api: KubernetesClient;
  /** Opens another stack of the same folder and state. */
  open(stack: string): Promise<Engine>;
  /** Changes the settings of a stack; a new stack begins as a copy of `dev`. */
  changeSettings(stack: string, change: (settings: StackSettings) => void): void;
  /** Does something in the rig's folder, as the CLI would. */
  inFolder<T>(action: () => Promise<T>): Promise<T>;
  /** Destroys the stack, and waits for the definitions too: Helm leaves while they are still going. */
  destroyAll(): Promise<void>;
  /** Creates the object that a file holds. */
  createFromFile(file: string): Promise<void>;
  /** Merges a change into an object of kcm-system as somebody else would, under a field manager of that name. */
  editAs(manager: string, object: KubernetesObject, change: object): Promise<void>;
  close(): Promise<void>;
}

/** The `config` of a stack file, key by key without the project's name. */
export type StackSettings = Record<string, any>;

const PREFIX = "k0rdent-nutanix:";

/** Starts a rig; skips where a tool is missing. Without a version of kcm: the one that the stack names. */
export async function startHarness(test: Context, name: string, kcmVersion?: string): Promise<Harness> {
  const tools = await requireTools(test, TOOL_NAMES);
  const folder = mkdtempSync(join(tmpdir(), `k0rdent-nutanix-${name}-`));
  const sandbox = await createSandbox({
    name,
    directory: join(folder, "sandbox"),
    tools,
    ...(kcmVersion === undefined ? {} : { kcmVersion }),
  });
  // The program runs inline: the folder has none.
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    readFileSync(join(PROJECT, "Pulumi.yaml"), "utf8").replace(/^main: .*$/m, ""),
  );
  cpSync(join(PROJECT, "Pulumi.dev.yaml"), join(folder, "Pulumi.dev.yaml"));
  const local = join(folder, "local");
  const host = await languageHost(tools.pulumi);
  const open = (stack: string) =>
    openEngine({
      stack,
      pulumi: tools.pulumi,
      helm: tools.helm,
      workDir: folder,
      local,
      ...(host === undefined ? {} : { path: [host] }),
    });
  const changeSettings: Harness["changeSettings"] = (stack, edit) => changeFile(folder, stack, edit);
  changeSettings("dev", (settings) => {
    settings["management"].kubeconfig = sandbox.kubeconfig;
    settings["management"].kcm.chart = sandbox.kcmChart;
    settings["management"].kcm.version = sandbox.kcmVersion;
  });
  const engine = await open("dev");
  installPlugins(engine.home);
  const api = await connectKubernetes({ kubeconfig: readKubeconfig(sandbox.kubeconfig) });
  const close = async () => {
    await deleteSandbox(sandbox.directory);
    rmSync(folder, { recursive: true, force: true });
  };
  const inFolder = async <T>(action: () => Promise<T>): Promise<T> => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      return await action();
    } finally {
      process.chdir(before);
    }
  };
  const destroyAll = async () => {
    await engine.destroy();
    const isEmpty = async () =>
      (await api.list(KINDS.CustomResourceDefinition)).every(({ metadata }) =>
        metadata.name.endsWith(".kwok.x-k8s.io"),
      );
    assert.ok(
      await waitFor(isEmpty, { timeout: 60_000, interval: 200 }),
      "definitions are left a minute after destroy",
    );
  };
  const createFromFile = async (file: string) => {
    await api.create(JSON.parse(readFileSync(file, "utf8")));
  };
  const editAs: Harness["editAs"] = async (manager, { apiVersion, kind, metadata: { name, namespace } }, edit) => {
    const editor = await connectKubernetes({ kubeconfig: readKubeconfig(sandbox.kubeconfig) }, manager);
    await editor.merge({ apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } }, edit);
  };
  return {
    folder,
    sandbox,
    tools,
    engine,
    api,
    open,
    changeSettings,
    inFolder,
    destroyAll,
    createFromFile,
    editAs,
    close,
  };
}

function changeFile(folder: string, stack: string, edit: (settings: StackSettings) => void): void {
  const file = join(folder, `Pulumi.${stack}.yaml`);
  const source = stack === "dev" ? file : join(folder, "Pulumi.dev.yaml");
  const own = readOr(file, source);
  const document = parse(own) as { config: Record<string, unknown> };
  const settings: StackSettings = Object.fromEntries(
    Object.entries(document.config).map(([key, value]) => [key.slice(PREFIX.length), value]),
  );
  edit(settings);
  document.config = Object.fromEntries(Object.entries(settings).map(([key, value]) => [PREFIX + key, value]));
  writeFileSync(file, stringify(document));
}

function readOr(file: string, other: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return readFileSync(other, "utf8");
  }
}

/** Kinds whose objects a stack writes or brings about. */
const REMOVED = [
  ["v1", "Secret"],
  ["v1", "ConfigMap"],
  ["v1", "Service"],
  ["apps/v1", "Deployment"],
  ["source.toolkit.fluxcd.io/v1", "HelmRepository"],
  ["helm.toolkit.fluxcd.io/v2", "HelmRelease"],
  ["k0rdent.mirantis.com/v1beta1", "Management"],
  ["k0rdent.mirantis.com/v1beta1", "Release"],
  ["k0rdent.mirantis.com/v1beta1", "ProviderTemplate"],
  ["k0rdent.mirantis.com/v1beta1", "ClusterTemplate"],
  ["k0rdent.mirantis.com/v1beta1", "ClusterTemplateChain"],
  ["k0rdent.mirantis.com/v1beta1", "Credential"],
  ["k0rdent.mirantis.com/v1beta1", "ClusterDeployment"],
  ["cluster.x-k8s.io/v1beta1", "Cluster"],
  ["cluster.x-k8s.io/v1beta1", "MachineDeployment"],
  ["cluster.x-k8s.io/v1beta1", "MachineHealthCheck"],
  ["infrastructure.cluster.x-k8s.io/v1beta1", "NutanixCluster"],
  ["infrastructure.cluster.x-k8s.io/v1beta1", "NutanixMachineTemplate"],
  ["controlplane.cluster.x-k8s.io/v1beta1", "K0sControlPlane"],
  ["controlplane.cluster.x-k8s.io/v1beta1", "K0smotronControlPlane"],
  ["bootstrap.cluster.x-k8s.io/v1beta1", "K0sWorkerConfigTemplate"],
] as const;

/** Objects that are there, as `Kind/name`, but for what Kubernetes and the sandbox itself put there. */
export async function objectsLeft(api: KubernetesClient): Promise<string[]> {
  const lists = await Promise.all(REMOVED.map(([apiVersion, kind]) => api.list({ apiVersion, kind })));
  return lists
    .flat()
    .filter(
      ({ metadata }) =>
        !["kube-system", "kube-public", "default", "kube-node-lease", "k0rdent-nutanix-sandbox"].includes(
          metadata.namespace ?? "",
        ),
    )
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    .sort();
}

/** An object of kcm-system that must be there. */
export async function live(api: KubernetesClient, kind: string, name: string): Promise<KubernetesObject> {
  const apiVersion = ["Secret", "ConfigMap"].includes(kind) ? "v1" : "k0rdent.mirantis.com/v1beta1";
  const object = await api.get({ apiVersion, kind, metadata: { name, namespace: "kcm-system" } });
  if (object === undefined) throw new Error(`there is no ${kind} ${name}`);
  return object;
}

/** What an object says of its condition Ready: True, False or Unknown; undefined where it says nothing of it. */
export function readiness({ status }: KubernetesObject): string | undefined {
  const conditions = status?.["conditions"] as { type: string; status: string }[] | undefined;
  return conditions?.find(({ type }) => type === "Ready")?.status;
}

/** How often the API server wrote an object: changes with every write. */
export function version(object: KubernetesObject): string | undefined {
  return (object.metadata as { resourceVersion?: string }).resourceVersion;
}
