import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { Context } from "mocha";
import { parse, stringify } from "yaml";
import {
  type Engine,
  type EngineOptions,
  engineEnvironment,
  openEngine,
  type RunOptions,
} from "../../../cli/engine/engine.ts";
import { discard } from "../../../cli/engine/state.ts";
import { PROJECT } from "../../../cli/stack/paths.ts";
import { connectKubernetes, type KubernetesClient } from "../../../kubernetes/client.ts";
import { KINDS, type KindName } from "../../../kubernetes/kinds.ts";
import { readKubeconfig } from "../../../kubernetes/kubeconfig.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { TOOL_NAMES, type ToolPaths } from "../../../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox, type Sandbox, type SandboxOptions } from "../../../sandbox/sandbox-cluster.ts";
import { eventually } from "../../support/eventually.ts";
import { requireTools } from "../../support/skip.ts";

/** The `config` of a stack file, key by key without the project's name. */
export type StackSettings = Record<string, any>;

type SandboxSettings = Pick<SandboxOptions, "kcmVersion" | "auditPolicy">;

const PREFIX = "k0rdent-nutanix:";

/** The stack `dev` on a sandbox of its own, in a folder of its own, under the real engine. */
export class Harness {
  readonly folder: string;
  sandbox!: Sandbox;
  tools!: ToolPaths;
  engine!: Engine;
  api!: KubernetesClient;
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
    this.folder = mkdtempSync(join(tmpdir(), `k0rdent-nutanix-${name}-`));
  }

  /** Skips where a tool is missing. Without a version of kcm: the one that the stack names. */
  async start(test: Context, sandbox: SandboxSettings = {}): Promise<void> {
    this.tools = await requireTools(test, TOOL_NAMES);
    await this.create(sandbox);
    // The program runs inline: the folder has none.
    const project = readFileSync(join(PROJECT, "Pulumi.yaml"), "utf8").replace(/^main: .*$/m, "");
    writeFileSync(join(this.folder, "Pulumi.yaml"), project);
    cpSync(join(PROJECT, "Pulumi.dev.yaml"), join(this.folder, "Pulumi.dev.yaml"));
    const { kubeconfig, kcmChart: chart, kcmVersion: version } = this.sandbox;
    this.changeSettings("dev", ({ management }) => {
      management.kubeconfig = kubeconfig;
      Object.assign(management.kcm, { chart, version });
    });
    await this.connect();
  }

  private async create(settings: SandboxSettings = {}): Promise<void> {
    const directory = join(this.folder, "sandbox");
    this.sandbox = await createSandbox({ name: this.name, directory, tools: this.tools, ...settings });
  }

  private async connect(): Promise<void> {
    this.engine = await this.open("dev");
    this.api = await connectKubernetes({ kubeconfig: readKubeconfig(this.sandbox.kubeconfig) });
  }

  /** Deletes the sandbox and the state of the stack `dev`, and creates both again. */
  async recreate(): Promise<void> {
    await discard({ ...this.engine, sandbox: this.sandbox.directory });
    await this.create();
    await this.connect();
  }

  async close(): Promise<void> {
    if (this.sandbox) await deleteSandbox(this.sandbox.directory);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Opens another stack of the same folder and state, of the project's program or of another one. */
  open(stack: string, program?: EngineOptions["program"]): Promise<Engine> {
    const local = join(this.folder, "local");
    return openEngine({ stack, tools: this.tools, workDir: this.folder, local, ...(program && { program }) });
  }

  /** Runs another command of the CLI on the stack `dev`; returns what it printed. */
  async command(words: readonly string[]): Promise<string> {
    const env = engineEnvironment({ local: join(this.folder, "local") });
    const options = [...words, "--stack", "dev", "--non-interactive"];
    return (await execa(this.tools.pulumi, options, { cwd: this.folder, env })).stdout;
  }

  /** Changes the settings of a stack; a new stack starts as a copy of `dev`. */
  changeSettings(stack: string, change: (settings: StackSettings) => void): void {
    const file = join(this.folder, `Pulumi.${stack}.yaml`);
    const source = existsSync(file) ? file : join(this.folder, "Pulumi.dev.yaml");
    const document = parse(readFileSync(source, "utf8")) as { config: Record<string, unknown> };
    const settings: StackSettings = Object.fromEntries(
      Object.entries(document.config).map(([key, value]) => [key.slice(PREFIX.length), value]),
    );
    change(settings);
    document.config = Object.fromEntries(Object.entries(settings).map(([key, value]) => [PREFIX + key, value]));
    writeFileSync(file, stringify(document));
  }

  /** Adds clusters like `edge` with these endpoints to a stack; its credential is edge's. */
  addClusters(stack: string, endpoints: Readonly<Record<string, string>>): void {
    this.changeSettings(stack, ({ clusters, credentials }) => {
      for (const [name, host] of Object.entries(endpoints)) {
        clusters[name] = { ...clusters.edge, nutanix: { ...clusters.edge.nutanix, controlPlaneEndpoint: { host } } };
        credentials[name] = credentials.edge;
      }
    });
  }

  /** Does something in the harness's folder, as the CLI would. */
  async inFolder<T>(action: () => Promise<T>): Promise<T> {
    const before = process.cwd();
    process.chdir(this.folder);
    try {
      return await action();
    } finally {
      process.chdir(before);
    }
  }

  /** Destroys the stack, and waits for the definitions too: Helm does not. */
  async destroyAll(): Promise<void> {
    await this.engine.destroy();
    const isKwoks = ({ metadata }: KubernetesObject) => metadata.name.endsWith(".kwok.x-k8s.io");
    await eventually("no definitions", async () =>
      (await this.api.list(KINDS.CustomResourceDefinition)).every(isKwoks),
    );
  }

  /** Merges a change into an object under a field manager of that name. */
  async editAs(manager: string, object: KubernetesObject, edit: object): Promise<void> {
    const { apiVersion, kind, metadata } = object;
    const { name, namespace } = metadata;
    const editor = await connectKubernetes({ kubeconfig: readKubeconfig(this.sandbox.kubeconfig) }, manager);
    await editor.merge({ apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } }, edit);
  }

  /** An object of kcm-system, or of a kind without namespaces; throws where it does not exist. */
  async read(kind: KindName, name: string): Promise<KubernetesObject> {
    const { apiVersion, namespaced } = KINDS[kind];
    const metadata = { name, ...(namespaced && { namespace: "kcm-system" }) };
    const object = await this.api.get({ apiVersion, kind, metadata });
    if (object === undefined) throw new Error(`no ${kind} ${name}`);
    return object;
  }

  /** Status of the condition Ready of a ClusterDeployment. */
  async readiness(cluster: string): Promise<string | undefined> {
    const { status } = await this.read("ClusterDeployment", cluster);
    const conditions = status?.["conditions"] as { type: string; status: string }[] | undefined;
    return conditions?.find(({ type }) => type === "Ready")?.status;
  }

  /** Asserts that an up, a refresh and a preview change nothing. */
  async assertUnchanged(listener: Pick<RunOptions, "onEvent"> = {}): Promise<void> {
    assert.deepEqual((await this.engine.up(listener)).touched, []);
    assert.deepEqual(Object.keys((await this.engine.refresh(listener)).changes), ["same"]);
    assert.deepEqual((await this.engine.preview(listener)).touched, []);
  }
}

/** A harness that runs before the tests of this suite and is closed after them. */
export function useHarness(name: string, sandbox?: SandboxSettings): Harness {
  const harness = new Harness(name);
  before(function () {
    return harness.start(this, sandbox);
  });
  after(() => harness.close());
  return harness;
}

/** Kinds whose objects a stack writes or brings about. */
const STACK_KINDS = [
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
  ["k0rdent.mirantis.com/v1beta1", "ServiceTemplate"],
  ["k0rdent.mirantis.com/v1beta1", "ServiceTemplateChain"],
  ["k0rdent.mirantis.com/v1beta1", "MultiClusterService"],
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
  const lists = await Promise.all(STACK_KINDS.map(([apiVersion, kind]) => api.list({ apiVersion, kind })));
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

/** How often the API server wrote an object: changes with every write. */
export function version(object: KubernetesObject): string | undefined {
  return (object.metadata as { resourceVersion?: string }).resourceVersion;
}
