import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { stringify } from "yaml";
import { isAllReady, type StatusView, statusText } from "../../../cli/output/status-view.ts";
import { PROJECT } from "../../../cli/stack/paths.ts";
import { type RenderedObject, renderStack } from "../../../cli/stack/render-stack.ts";
import { openTarget, readTarget } from "../../../cli/stack/target.ts";
import { connectKubernetes, type KubernetesClient } from "../../../kubernetes/client.ts";
import { contextOf, parseKubeconfig, readKubeconfig } from "../../../kubernetes/kubeconfig.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { type ClusterTree, clusterTrees } from "../../../operations/resource-tree.ts";
import type { TreeNode } from "../../../operations/tree-node.ts";
import {
  clearFailures,
  injectFailures,
  type InjectedFailure as Played,
} from "../../../sandbox/controllers/failures.ts";
import { SANDBOX_TOOLS, type SandboxTool, type ToolPaths } from "../../../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox, type Sandbox } from "../../../sandbox/sandbox-cluster.ts";
import { eventually } from "../../support/eventually.ts";
import { requireTools } from "../../support/skip.ts";

export const NAMESPACE = "kcm-system";
export const CORE = "/apis/cluster.x-k8s.io/v1beta1/namespaces/kcm-system";
export const CAPX = "/apis/infrastructure.cluster.x-k8s.io/v1beta1/namespaces/kcm-system";

const directory = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-status-"));
export let sandbox: Sandbox;
export let client: KubernetesClient;
export let objects: RenderedObject[];
let tools: ToolPaths<SandboxTool>;

/** Runs a sandbox with the objects of the stack dev during the tests of a describe. */
export function useDeployedStack(): void {
  before(async function () {
    tools = await requireTools(this, SANDBOX_TOOLS);
    sandbox = await createSandbox({ name: "status", directory, tools });
    client = await connectKubernetes({ kubeconfig: readKubeconfig(sandbox.kubeconfig) }, "k0rdent-nutanix-sandbox");
    ({ objects } = await renderStack({ stack: "dev" }));
    for (const release of objects.filter(({ kind }) => kind === "Release")) await install(release);
    for (const object of objects.filter(({ kind }) => kind !== "Release")) await apply(object);
    await until(({ chains }) => chains.length === 2 && chains.every(({ state }) => state === "Current"));
  });
  after(async () => {
    if (sandbox) await deleteSandbox(directory);
    rmSync(directory, { recursive: true, force: true });
  });
}

async function install({ metadata: { name }, ...release }: RenderedObject): Promise<void> {
  const { values } = release["spec"] as { values: unknown };
  const file = join(directory, `${name}.json`);
  writeFileSync(file, JSON.stringify(values));
  const chart = name === "kcm" ? sandbox.kcmChart : join(PROJECT, "charts", name);
  const flags = ["--namespace", NAMESPACE, "--create-namespace", "--values", file, "--kubeconfig", sandbox.kubeconfig];
  // The definitions that kcm brings are served a moment after it is installed.
  for (let tries = 0; ; tries += 1) {
    const { failed, stderr } = await execa(tools.helm, ["upgrade", "--install", name, chart, ...flags], {
      reject: false,
    });
    if (!failed) return;
    if (tries === 60 || !stderr.includes("no matches for kind")) assert.fail(stderr);
    await sleep(500);
  }
}

function pathOf({ apiVersion, kind, metadata }: RenderedObject): string {
  const root = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  const isClusterWide = ["Namespace", "Management"].includes(kind);
  return `${root}${isClusterWide ? "" : `/namespaces/${NAMESPACE}`}/${kind.toLowerCase()}s/${metadata.name}`;
}

/** Applied as soon as kcm admits it: templates become valid in their own time. */
export async function apply(object: RenderedObject): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const error = await client.apply(object, { path: pathOf(object) }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) return;
    if (tries === 600) throw error;
    await sleep(100);
  }
}

export async function view(kubeconfig = sandbox.kubeconfig): Promise<StatusView> {
  const snapshot = await readTarget(await openTarget({ kubeconfig }));
  return { snapshot, chains: clusterTrees(snapshot), absent: [], stack: undefined };
}

/** The first view that is as it should be; fails with the last one. */
export function until(isSo: (view: StatusView) => boolean): Promise<StatusView> {
  let last: StatusView | undefined;
  let failure: unknown;
  const check = async () => {
    last = await view().catch((error: unknown) => {
      failure = error;
      return undefined;
    });
    return last !== undefined && isSo(last) && last;
  };
  const what = () => (last === undefined ? String(failure) : statusText(last, "tree"));
  return eventually(what, check, { limit: 120_000, interval: 200 });
}

export const rootCause = (chains: readonly ClusterTree[], name: string) =>
  chains.find((chain) => chain.name === name)?.blockedBy.at(-1);
export const causeOf = (node: TreeNode | undefined) =>
  node && `${node.kind} ${node.name}: ${node.cause?.type}: ${node.cause?.message}`;

export async function whileFailing(failure: Played, look: () => Promise<void>): Promise<void> {
  injectFailures(directory, [failure]);
  try {
    await look();
  } finally {
    clearFailures(directory);
  }
  await until((seen) => isAllReady(seen));
}

export const condition = (type: string, status: string, reason: string) => ({
  type,
  status,
  reason,
  severity: "Error",
  lastTransitionTime: "2026-01-01T00:00:00Z",
});
export const machineSpec = (name: string) => ({
  clusterName: "edge",
  bootstrap: { dataSecretName: "x" },
  infrastructureRef: {
    apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1",
    kind: "NutanixMachine",
    name,
    namespace: NAMESPACE,
  },
});

/** An object that Cluster API would make, with the status that its controller would write. */
export async function owned(
  plural: string,
  name: string,
  { owner, root = CORE, spec, status }: { owner: KubernetesObject; root?: string; spec: object; status: object },
): Promise<KubernetesObject> {
  const kinds: Record<string, string> = {
    machinesets: "MachineSet",
    machines: "Machine",
    nutanixmachines: "NutanixMachine",
  };
  const { apiVersion, kind, metadata } = owner;
  const ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true }];
  const group = root.split("/")[2];
  const body = {
    apiVersion: `${group}/v1beta1`,
    kind: kinds[plural] ?? "",
    metadata: { name, namespace: NAMESPACE, ownerReferences },
    spec,
  };
  await client.apply(body, { path: `${root}/${plural}/${name}` });
  return client.merge(`${root}/${plural}/${name}/status`, { status });
}

export async function limitedKubeconfig(): Promise<string> {
  const accounts = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`;
  const metadata = { name: "nobody", namespace: NAMESPACE };
  await client.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata }, { path: `${accounts}/nobody` });
  const { status } = await client.post<{ status: { token: string } }>(`${accounts}/nobody/token`, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: {},
  });
  const { cluster } = contextOf(parseKubeconfig(readKubeconfig(sandbox.kubeconfig)));
  const file = join(directory, "nobody.yaml");
  const config = {
    ...{ apiVersion: "v1", kind: "Config", "current-context": "k" },
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: { token: status.token } }],
    contexts: [{ name: "k", context: { cluster: "c", user: "u" } }],
  };
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}
