import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { isAllReady, type StatusView, statusText } from "../../../cli/output/status-view.ts";
import { PROJECT } from "../../../cli/stack/paths.ts";
import { type RenderedObject, renderStack } from "../../../cli/stack/render-stack.ts";
import { openTarget, readTarget } from "../../../cli/stack/target.ts";
import { connectKubernetes, type KubernetesClient } from "../../../kubernetes/client.ts";
import { contextOf, parseKubeconfig, readKubeconfig } from "../../../kubernetes/kubeconfig.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { type ClusterTree, clusterTrees, platformTree } from "../../../operations/resource-tree.ts";
import type { TreeNode } from "../../../operations/tree-node.ts";
import {
  clearFailures,
  injectFailures,
  type InjectedFailure as Played,
} from "../../../sandbox/controllers/failures.ts";
import { SANDBOX_TOOLS, type SandboxTool, type ToolPaths } from "../../../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox, type Sandbox } from "../../../sandbox/sandbox-cluster.ts";
import { requireTools } from "../../support/skip.ts";

const NAMESPACE = "kcm-system";
const CORE = "/apis/cluster.x-k8s.io/v1beta1/namespaces/kcm-system";
const CAPX = "/apis/infrastructure.cluster.x-k8s.io/v1beta1/namespaces/kcm-system";

describe("what runs on the sandbox", function () {
  this.timeout(300_000);
  const directory = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-status-"));
  let sandbox: Sandbox;
  let client: KubernetesClient;
  let objects: RenderedObject[];
  let tools: ToolPaths<SandboxTool>;

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

  async function install({ metadata: { name }, ...release }: RenderedObject): Promise<void> {
    const { values } = release["spec"] as { values: unknown };
    const file = join(directory, `${name}.json`);
    writeFileSync(file, JSON.stringify(values));
    const chart = name === "kcm" ? sandbox.kcmChart : join(PROJECT, "charts", name);
    const flags = [
      "--namespace",
      NAMESPACE,
      "--create-namespace",
      "--values",
      file,
      "--kubeconfig",
      sandbox.kubeconfig,
    ];
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
  async function apply(object: RenderedObject): Promise<void> {
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

  async function view(kubeconfig = sandbox.kubeconfig): Promise<StatusView> {
    const snapshot = await readTarget(await openTarget({ kubeconfig }));
    return { snapshot, chains: clusterTrees(snapshot), absent: [], stack: undefined };
  }

  /** The first view that is as it should be; fails with the last one. */
  async function until(isSo: (view: StatusView) => boolean): Promise<StatusView> {
    const end = Date.now() + 120_000;
    for (;;) {
      const seen = await view().catch((error: unknown) => {
        if (Date.now() > end) throw error;
        return undefined;
      });
      if (seen !== undefined && isSo(seen)) return seen;
      if (Date.now() > end) assert.fail(seen === undefined ? "nothing was seen" : statusText(seen, "tree"));
      await sleep(200);
    }
  }

  const culprit = (chains: readonly ClusterTree[], name: string) =>
    chains.find((chain) => chain.name === name)?.blockedBy.at(-1);
  const told = (node: TreeNode | undefined) =>
    node && `${node.kind} ${node.name}: ${node.cause?.type}: ${node.cause?.message}`;

  async function whileFailing(failure: Played, look: () => Promise<void>): Promise<void> {
    injectFailures(directory, [failure]);
    try {
      await look();
    } finally {
      clearFailures(directory);
    }
    await until((seen) => isAllReady(seen));
  }

  it("is ready, from the ClusterDeployments down, by the words of the released definitions", async () => {
    const seen = await view();
    assert.ok(isAllReady(seen), statusText(seen, "tree"));
    const text = statusText(seen, "tree");
    assert.match(text, /├─ ✔ K0smotronControlPlane demo-hcp-cp {2}3\/3 replicas, v1\.32\.6-k0s\.0/);
    assert.match(text, /├─ ✔ K0sControlPlane edge-standalone-cp {2}3\/3 machines, v1\.32\.6\+k0s\.0/);
    assert.match(text, /✔ InfrastructureProvider nutanix {2}v1\.7\.0/);
    assert.deepEqual(seen.snapshot.gaps, []);
  });

  it("is held up by a Credential that is refused", () =>
    whileFailing("credential-rejected", async () => {
      const { chains } = await until((seen) => seen.chains.every(({ state }) => state !== "Current"));
      assert.equal(
        told(culprit(chains, "edge")),
        "Credential edge-nutanix: CredentialReady: Failed to get ClusterIdentity object of Kind=Secret kcm-system/edge-nutanix-identity: refused by the sandbox, as it was told to",
      );
    }));

  it("is held up by a chart that does not install", () =>
    whileFailing("cluster-deployment-failed", async () => {
      // The failure played before this one may still be healing.
      const { chains } = await until(
        (seen) =>
          seen.chains.every(({ state }) => state === "Failed") &&
          !told(culprit(seen.chains, "demo"))?.includes("CredentialReady"),
      );
      assert.equal(
        told(culprit(chains, "demo")),
        "ClusterDeployment demo: HelmReleaseReady: Helm install failed for release kcm-system/demo with chart: failed by the sandbox, as it was told to",
      );
    }));

  it("is held up by a provider that does not install, told at Management", () =>
    whileFailing("management-never-ready", async () => {
      const { snapshot } = await until((seen) => platformTree(seen.snapshot)?.state === "Failed");
      assert.match(
        told(platformTree(snapshot)) ?? "",
        /^Management kcm: component cluster-api-provider-nutanix: HelmRelease .* is not yet ready: Helm install failed .* context deadline exceeded$/,
      );
    }));

  it("is not ready while Management says so before it has looked at its components", async () => {
    const management = "/apis/k0rdent.mirantis.com/v1beta1/managements/kcm";
    const before = (await client.get<KubernetesObject<unknown, { conditions: object[] }>>(management))!;
    const lie = { ...before, status: { conditions: before.status?.conditions ?? [] } } as never;
    const seen = await view();
    const snapshot = { ...seen.snapshot, objects: { ...seen.snapshot.objects, Management: [lie] } };
    assert.equal(platformTree(snapshot)?.state, "InProgress");
    assert.match(platformTree(snapshot)?.cause?.message ?? "", /^not reported yet: .*cluster-api-provider-nutanix/);
  });

  it("waits for machines that never come, and gives no kubeconfig of the cluster until then", () =>
    whileFailing("cluster-deployment-stuck", async () => {
      await until((seen) => seen.chains.every(({ state }) => state === "Failed"));
      const late = objects
        .filter(({ metadata }) => metadata.name.startsWith("demo"))
        .map((object) =>
          JSON.parse(JSON.stringify(object).replaceAll("demo", "late").replaceAll("10.1.1.200", "10.1.1.210")),
        );
      for (const object of late) await apply(object);
      const { chains } = await until((seen) => {
        const root = seen.chains.find(({ name }) => name === "late")?.root;
        return root?.cause?.type === "CAPIClusterSummary";
      });
      const chain = chains.find(({ name }) => name === "late");
      assert.equal(chain?.state, "Failed");
      assert.match(chain?.root.cause?.message ?? "", /ControlPlaneInitialized: Control plane not yet initialized/);
      assert.equal(culprit(chains, "late")?.state, "InProgress");
      const given = ["kubeconfig", "late", "demo", "--kubeconfig", sandbox.kubeconfig];
      const { exitCode, stdout, stderr } = await execa(process.execPath, [join(PROJECT, "cli/main.ts"), ...given], {
        reject: false,
      });
      assert.equal(exitCode, 3);
      assert.match(stderr, /^late: no kubeconfig yet, blocked by \w+ late\S*: /m);
      assert.deepEqual(
        parse(stdout).contexts.map(({ name }: { name: string }) => name),
        ["demo.dev"],
      );
      await client.delete("/apis/k0rdent.mirantis.com/v1beta1/namespaces/kcm-system/clusterdeployments/late");
      await until((seen) => seen.chains.length === 2);
    }));

  it("is held up by the virtual machine that CAPX cannot make", async () => {
    const machineSet = await owned("machinesets", "edge-md-x1", {
      owner: (await client.get(`${CORE}/machinedeployments/edge-md`))!,
      spec: {
        clusterName: "edge",
        replicas: 1,
        selector: { matchLabels: { x: "1" } },
        template: { metadata: { labels: { x: "1" } }, spec: machineSpec("x") },
      },
      status: { replicas: 1, conditions: [condition("MachinesReady", "False", "WaitingForInfrastructure")] },
    });
    const machine = await owned("machines", "edge-md-x1-a", {
      owner: machineSet,
      spec: machineSpec("edge-md-x1-a"),
      status: {
        phase: "Provisioning",
        conditions: [
          condition("InfrastructureReady", "False", "FailedVMTask"),
          condition("Ready", "False", "FailedVMTask"),
        ],
      },
    });
    await owned("nutanixmachines", "edge-md-x1-a", {
      owner: machine,
      root: CAPX,
      spec: {
        vcpusPerSocket: 1,
        vcpuSockets: 2,
        memorySize: "4Gi",
        systemDiskSize: "40Gi",
        bootType: "legacy",
        image: { type: "name", name: "ubuntu" },
        cluster: { type: "name", name: "pe" },
        subnet: [{ type: "name", name: "vlan" }],
        providerID: "",
      },
      status: {
        ready: false,
        conditions: [
          {
            ...condition("VMProvisioned", "False", "FailedVMTask"),
            severity: "Error",
            message: "found no image with name ubuntu",
          },
        ],
      },
    });
    const { chains } = await until((seen) => seen.chains.some(({ state }) => state === "Degraded"));
    assert.deepEqual(
      chains.find(({ name }) => name === "edge")?.blockedBy.map(({ kind }) => kind),
      ["ClusterDeployment", "Cluster", "MachineDeployment", "MachineSet", "Machine", "NutanixMachine"],
    );
    assert.equal(
      told(culprit(chains, "edge")),
      "NutanixMachine edge-md-x1-a: VMProvisioned: found no image with name ubuntu",
    );
    for (const path of [
      `${CAPX}/nutanixmachines/edge-md-x1-a`,
      `${CORE}/machines/edge-md-x1-a`,
      `${CORE}/machinesets/edge-md-x1`,
    ])
      await client.delete(path);
    await until((seen) => isAllReady(seen));
  });

  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    reason,
    severity: "Error",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  });
  const machineSpec = (name: string) => ({
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
  async function owned(
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

  it("says what a user may not see: everything, or all but the ClusterDeployments", async () => {
    const kubeconfig = await nobody();
    await assert.rejects(view(kubeconfig), {
      message:
        /does not list ClusterDeployments in kcm-system \(clusterdeployments\.k0rdent\.mirantis\.com is forbidden: User "system:serviceaccount:kcm-system:nobody" cannot list .*\); use a kubeconfig whose user may get and list them/,
    });
    const rbac = { apiVersion: "rbac.authorization.k8s.io/v1" };
    const roles = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}`;
    const metadata = { name: "looker", namespace: NAMESPACE };
    const rules = [{ apiGroups: ["k0rdent.mirantis.com"], resources: ["clusterdeployments"], verbs: ["list"] }];
    await client.apply({ ...rbac, kind: "Role", metadata, rules }, { path: `${roles}/roles/looker` });
    await client.apply(
      {
        ...rbac,
        kind: "RoleBinding",
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "looker" },
        subjects: [{ kind: "ServiceAccount", name: "nobody", namespace: NAMESPACE }],
      },
      { path: `${roles}/rolebindings/looker` },
    );
    let seen: StatusView | undefined;
    for (let tries = 0; seen === undefined && tries < 100; tries += 1) {
      seen = await view(kubeconfig).catch(() => undefined);
      await sleep(100);
    }
    assert.ok(seen);
    assert.deepEqual(
      seen.chains.map(({ name, state }) => [name, state]),
      [
        ["demo", "Current"],
        ["edge", "Current"],
      ],
    );
    const forbidden = /^not shown, forbidden: (.*)$/m.exec(statusText(seen, "brief"))?.[1]?.split(", ") ?? [];
    for (const kind of ["Credential", "ClusterTemplate", "Secret", "Machine", "Event"])
      assert.ok(forbidden.includes(kind), kind);
  });

  async function nobody(): Promise<string> {
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
});
