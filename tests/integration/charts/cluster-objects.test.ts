import assert from "node:assert/strict";
import { cluster, MODES, needsHelm, only, type Rendered, render, valueFiles } from "./helm-template.ts";

describe("the objects of the cluster charts", function () {
  this.timeout(30_000);
  before(needsHelm);

  const names = (objects: readonly Rendered[]) =>
    objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
  const templates = (objects: readonly Rendered[]) =>
    Object.fromEntries(
      objects
        .filter(({ kind }) => kind === "NutanixMachineTemplate")
        .map(({ metadata }) => [metadata.name.includes("-cp-") ? "controlPlane" : "worker", metadata.name]),
    );

  it("are a whole hosted cluster", async () => {
    assert.deepEqual(names(await cluster("hcp")), [
      "Cluster edge",
      "K0sWorkerConfigTemplate edge-hcp-worker-bootstrap",
      "K0smotronControlPlane edge-hcp-cp",
      "MachineDeployment edge-md",
      "MachineHealthCheck edge-md",
      "NutanixCluster edge",
      "NutanixMachineTemplate edge-hcp-worker-mt-5f1562dd",
    ]);
  });

  it("are a whole standalone cluster", async () => {
    assert.deepEqual(names(await cluster("standalone", "seed")), [
      "Cluster edge",
      "K0sControlPlane edge-standalone-cp",
      "K0sWorkerConfigTemplate edge-standalone-worker-bootstrap",
      "MachineDeployment edge-md",
      "MachineHealthCheck edge-md",
      "NutanixCluster edge",
      "NutanixMachineTemplate edge-standalone-cp-mt-52a9115f",
      "NutanixMachineTemplate edge-standalone-worker-mt-5f1562dd",
    ]);
  });

  it("refer to one another by names that are there", async () => {
    for (const mode of MODES) {
      for (const kcmLine of ["1.2", "1.11"]) {
        const objects = await cluster(mode, "base", { kcmLine });
        const there = new Set(names(objects));
        const { spec } = only(objects, "MachineDeployment");
        const refs = [
          ...Object.values(only(objects, "Cluster").spec).filter((value): value is Ref => "kind" in (value as object)),
          spec.template.spec.bootstrap.configRef as Ref,
          spec.template.spec.infrastructureRef as Ref,
        ];
        if (mode === "standalone") refs.push(only(objects, "K0sControlPlane").spec.machineTemplate.infrastructureRef);
        assert.deepEqual(
          refs.filter(({ kind, name }) => !there.has(`${kind} ${name}`)),
          [],
        );
      }
    }
  });

  it("write the API versions of the forced line", async () => {
    for (const mode of MODES) {
      const versions = async (kcmLine: string) =>
        new Set((await cluster(mode, "base", { kcmLine })).map((object) => object.apiVersion));
      const nutanix = "infrastructure.cluster.x-k8s.io/v1beta1";
      const all = (version: string) =>
        ["cluster.x-k8s.io", "controlplane.cluster.x-k8s.io", "bootstrap.cluster.x-k8s.io"].map(
          (group) => `${group}/${version}`,
        );
      assert.deepEqual([...(await versions("1.2"))].sort(), [...all("v1beta1"), nutanix].sort());
      assert.deepEqual([...(await versions("1.11"))].sort(), [...all("v1beta2"), nutanix].sort());
    }
  });

  it("write the API versions that the management cluster serves when no line is forced", async () => {
    const rendered = async (apiVersions: string[]) => {
      const objects = await render("nutanix-k0s-hcp", {
        files: valueFiles("hcp").get("base") ?? [],
        apiVersions,
      });
      return [only(objects, "Cluster").apiVersion, only(objects, "K0smotronControlPlane").apiVersion];
    };
    const [core, k0smotron] = ["cluster.x-k8s.io/v1beta2", "controlplane.cluster.x-k8s.io/v1beta2"];
    assert.deepEqual(await rendered([]), ["cluster.x-k8s.io/v1beta1", "controlplane.cluster.x-k8s.io/v1beta1"]);
    assert.deepEqual(await rendered([core]), [core, "controlplane.cluster.x-k8s.io/v1beta1"]);
    assert.deepEqual(await rendered([core, k0smotron]), [core, k0smotron]);
  });

  it("get a new machine template when, and only when, its specification changes", async () => {
    const before = templates(await cluster("standalone"));
    const same = [
      { workersNumber: 7, controlPlaneNumber: 5 },
      { k0s: { version: "v1.33.4+k0s.1", worker: { labels: { a: "b" } } } },
      { machineDefaults: { vcpuSockets: 2 }, worker: { memorySize: "4Gi" } },
      { kcmLine: "1.11" },
    ];
    for (const values of same) assert.deepEqual(templates(await cluster("standalone", "base", values)), before);
    const changes: [values: unknown, changed: string[]][] = [
      [{ worker: { memorySize: "8Gi" } }, ["worker"]],
      [{ controlPlane: { memorySize: "8Gi" } }, ["controlPlane"]],
      [{ machineDefaults: { vcpusPerSocket: 2 } }, ["controlPlane", "worker"]],
      [
        {
          machineDefaults: {
            subnets: [
              { type: "name", name: "A" },
              { type: "name", name: "B" },
            ],
          },
        },
        ["controlPlane", "worker"],
      ],
      [{ worker: { project: { type: "name", name: "p" } } }, ["worker"]],
    ];
    for (const [values, changed] of changes) {
      const after = templates(await cluster("standalone", "base", values));
      assert.deepEqual(
        Object.keys(before)
          .filter((role) => before[role] !== after[role])
          .sort(),
        changed,
      );
    }
  });

  it("distinguish two orders of subnets", async () => {
    const [a, b] = [
      { type: "name", name: "A" },
      { type: "name", name: "B" },
    ];
    const one = templates(await cluster("hcp", "base", { machineDefaults: { subnets: [a, b] } }));
    const other = templates(await cluster("hcp", "base", { machineDefaults: { subnets: [b, a] } }));
    assert.notEqual(one.worker, other.worker);
  });

  it("put a role's values in the place of the defaults, key by key", async () => {
    const objects = await cluster("standalone", "worker-overrides");
    const worker = objects.find(({ metadata }) => metadata.name.startsWith("edge-standalone-worker-mt-"))?.spec.template
      .spec;
    assert.deepEqual(worker.image, { type: "uuid", uuid: "550e8400-e29b-41d4-a716-446655440004" });
    assert.deepEqual([worker.vcpusPerSocket, worker.vcpuSockets, worker.bootType], [1, 16, "uefi"]);
    const controlPlane = objects.find(({ metadata }) => metadata.name.startsWith("edge-standalone-cp-mt-"))?.spec
      .template.spec;
    assert.deepEqual([controlPlane.vcpuSockets, controlPlane.memorySize], [2, "4Gi"]);
  });

  it("name no Prism Central for global credentials", async () => {
    for (const mode of MODES)
      assert.equal(only(await cluster(mode, "seed"), "NutanixCluster").spec.prismCentral, undefined);
  });

  it("name Prism Central, its Secret and its bundle for a cluster's own credentials", async () => {
    for (const mode of MODES) {
      assert.deepEqual(only(await cluster(mode, "trust-bundle"), "NutanixCluster").spec.prismCentral, {
        address: "pc.example.com",
        port: 9440,
        insecure: false,
        credentialRef: { kind: "Secret", name: "edge-capx-credentials", namespace: "kcm-system" },
        additionalTrustBundle: { kind: "ConfigMap", name: "edge-pc-ca", namespace: "kcm-system" },
      });
    }
  });

  it("give labels and taints to the kubelet, and node roles to the Machines", async () => {
    const labelled = await cluster("hcp", "labels");
    const { args } = only(labelled, "K0sWorkerConfigTemplate").spec.template.spec;
    assert.deepEqual(args, ["--labels=nutanix.com/cluster=pe-cluster-01,tier=edge"]);
    const { labels } = only(labelled, "MachineDeployment").spec.template.metadata;
    assert.equal(labels["node-role.kubernetes.io/worker"], "");
    assert.equal(labels.tier, undefined);
    const tainted = only(await cluster("standalone", "taints"), "K0sWorkerConfigTemplate").spec.template.spec;
    assert.deepEqual(tainted.args, ["--taints=workload=batch:NoSchedule,example.com/dedicated=:NoExecute"]);
  });

  it("heal workers, but not a single one", async () => {
    const checks = async (workersNumber: number) =>
      (await cluster("hcp", "base", { workersNumber })).filter(({ kind }) => kind === "MachineHealthCheck");
    assert.equal((await checks(1)).length, 0);
    assert.equal((await checks(2))[0]?.spec.maxUnhealthy, "50%");
    assert.equal((await checks(10))[0]?.spec.maxUnhealthy, "40%");
  });

  it("have no machine template of workers where there are none", async () => {
    const kinds = (await cluster("standalone", "no-workers")).map(({ kind }) => kind);
    assert.deepEqual(
      kinds.filter((kind) => kind === "MachineDeployment" || kind === "K0sWorkerConfigTemplate"),
      [],
    );
  });

  it("let Cluster API hold workers back until the control plane has their version", async () => {
    for (const mode of MODES) {
      const { metadata, spec } = only(await cluster(mode), "MachineDeployment");
      assert.deepEqual([metadata.annotations, spec.template.spec.version], [undefined, "v1.32.6"]);
    }
  });
});

interface Ref {
  kind: string;
  name: string;
}
