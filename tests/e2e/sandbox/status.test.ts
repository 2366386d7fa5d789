import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { parse } from "yaml";
import { isAllReady, type StatusView, statusText } from "../../../cli/output/status-view.ts";
import { PROJECT } from "../../../cli/stack/paths.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { platformTree } from "../../../operations/resource-tree.ts";
import {
  apply,
  CAPX,
  CORE,
  causeOf,
  client,
  condition,
  limitedKubeconfig,
  machineSpec,
  NAMESPACE,
  objects,
  owned,
  rootCause,
  sandbox,
  until,
  useDeployedStack,
  view,
  whileFailing,
} from "./deployed-stack.ts";

describe("what runs on the sandbox", function () {
  this.timeout(300_000);
  useDeployedStack();

  it("is ready, from the ClusterDeployments down, by the words of the released definitions", async () => {
    const seen = await view();
    assert.ok(isAllReady(seen), statusText(seen, "tree"));
    const text = statusText(seen, "tree");
    assert.match(text, /├─ ✔ K0smotronControlPlane demo-hcp-cp {2}3\/3 replicas, v1\.32\.6-k0s\.0/);
    assert.match(text, /├─ ✔ K0sControlPlane edge-standalone-cp {2}3\/3 machines, v1\.32\.6\+k0s\.0/);
    assert.match(text, /✔ InfrastructureProvider nutanix {2}v1\.7\.0/);
    assert.deepEqual(seen.snapshot.gaps, []);
  });

  it("is blocked by a Credential that is rejected", () =>
    whileFailing("credential-rejected", async () => {
      const { chains } = await until((seen) => seen.chains.every(({ state }) => state !== "Current"));
      assert.equal(
        causeOf(rootCause(chains, "edge")),
        "Credential edge-nutanix: CredentialReady: Failed to get ClusterIdentity object of Kind=Secret kcm-system/edge-nutanix-identity: refused by the sandbox, as it was told to",
      );
    }));

  it("is blocked by a chart that does not install", () =>
    whileFailing("cluster-deployment-failed", async () => {
      // The failure played before this one may still be healing.
      const { chains } = await until(
        (seen) =>
          seen.chains.every(({ state }) => state === "Failed") &&
          !causeOf(rootCause(seen.chains, "demo"))?.includes("CredentialReady"),
      );
      assert.equal(
        causeOf(rootCause(chains, "demo")),
        "ClusterDeployment demo: HelmReleaseReady: Helm install failed for release kcm-system/demo with chart: failed by the sandbox, as it was told to",
      );
    }));

  it("is blocked by a provider that does not install, as Management reports", () =>
    whileFailing("management-never-ready", async () => {
      const { snapshot } = await until((seen) => platformTree(seen.snapshot)?.state === "Failed");
      assert.match(
        causeOf(platformTree(snapshot)) ?? "",
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
      assert.equal(rootCause(chains, "late")?.state, "InProgress");
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

  it("is blocked by the virtual machine that CAPX cannot make", async () => {
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
      causeOf(rootCause(chains, "edge")),
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

  it("says what a user may not see: everything, or all but the ClusterDeployments", async () => {
    const kubeconfig = await limitedKubeconfig();
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
});
