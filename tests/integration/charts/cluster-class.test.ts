import assert from "node:assert/strict";
import { needsHelm, only, type Rendered, render, valueFiles } from "./helm-template.ts";

describe("a cluster chart with clusterClass", function () {
  this.timeout(30_000);
  before(needsHelm);

  const objects = (mode: "hcp" | "standalone", kcmLine: string, values: object = {}) =>
    render(`nutanix-k0s-${mode}`, {
      files: valueFiles(mode).get("cluster-class-and-worker-pools") ?? [],
      values: { kcmLine, ...values },
    });
  const named = (rendered: readonly Rendered[]) =>
    rendered.map(({ kind, metadata }) => `${kind} ${metadata.name.replace(/-[0-9a-f]{8}$/, "-#")}`).sort();

  it("renders a class with its templates, and nothing that Cluster API makes of them", async () => {
    const shared = [
      "Cluster edge",
      "MachineHealthCheck edge-gpu",
      "MachineHealthCheck edge-md",
      "NutanixClusterTemplate edge",
      "NutanixFailureDomain edge-rack-a",
      "NutanixFailureDomain edge-rack-b",
    ];
    assert.deepEqual(
      named(await objects("hcp", "1.2")),
      [
        ...shared,
        "ClusterClass edge-nutanix-k0s-hcp",
        "K0smotronControlPlaneTemplate edge-hcp-cp",
        "K0sWorkerConfigTemplate edge-hcp-worker-bootstrap",
        "NutanixMachineTemplate edge-hcp-worker-mt-#",
      ].sort(),
    );
    assert.deepEqual(
      named(await objects("standalone", "1.11")),
      [
        ...shared,
        "ClusterClass edge-nutanix-k0s-standalone",
        "K0sControlPlaneTemplate edge-standalone-cp",
        "K0sWorkerConfigTemplate edge-standalone-worker-bootstrap",
        "NutanixMachineTemplate edge-standalone-cp-mt-#",
        "NutanixMachineTemplate edge-standalone-worker-mt-#",
      ].sort(),
    );
  });

  it("names the class and the version as the line and the control plane take them", async () => {
    const topology = async (mode: "hcp" | "standalone", line: string) =>
      only(await objects(mode, line), "Cluster").spec.topology;
    const [old, recent] = [await topology("hcp", "1.2"), await topology("standalone", "1.11")];
    assert.deepEqual([old.class, old.version], ["edge-nutanix-k0s-hcp", "v1.32.6-k0s.0"]);
    assert.deepEqual([recent.classRef, recent.version], [{ name: "edge-nutanix-k0s-standalone" }, "v1.32.6+k0s.0"]);
    assert.deepEqual(recent.controlPlane, { replicas: 3 });
  });

  it("has an entry for each pool and failure domain, with the pool's machines, arguments and labels", async () => {
    const { topology } = only(await objects("hcp", "1.11"), "Cluster").spec;
    const pools: Rendered[] = topology.workers.machineDeployments;
    assert.deepEqual(
      pools.map(({ class: worker, name, replicas, failureDomain }) => [worker, name, replicas, failureDomain]),
      [
        ["worker", "md-rack-a", 2, "edge-rack-a"],
        ["worker", "md-rack-b", 1, "edge-rack-b"],
        ["worker", "gpu-rack-b", 2, "edge-rack-b"],
      ],
    );
    assert.deepEqual(
      pools.map(({ metadata }) => metadata?.labels),
      [undefined, undefined, { "node-role.kubernetes.io/gpu": "" }],
    );
    const value = (pool: Rendered | undefined, name: string) =>
      pool?.variables.overrides.find((one: { name: string }) => one.name === name).value;
    assert.deepEqual(value(pools[2], "machine").gpus, [{ type: "name", name: "Ampere 40" }]);
    assert.equal(value(pools[0], "machine").gpus, undefined);
    assert.deepEqual(value(pools[0], "bootstrap").args.slice(0, 2), [
      "--labels=tier=web",
      "--taints=dedicated=web:NoSchedule",
    ]);
    assert.equal(value(pools[0], "bootstrap").version, undefined);
  });

  it("has the names of pools as texts", async () => {
    const rendered = await objects("hcp", "1.11", { workerPools: { null: { replicas: 3, failureDomains: [] } } });
    const pools: { name: unknown }[] = only(rendered, "Cluster").spec.topology.workers.machineDeployments;
    assert.ok(pools.some(({ name }) => name === "null"));
    const check = rendered.find(({ metadata }) => metadata.name === "edge-null");
    assert.deepEqual(check?.spec.selector.matchLabels, { "topology.cluster.x-k8s.io/deployment-name": "null" });
  });

  it("leaves the class alone when a pool is added, since Helm writes the Cluster first", async () => {
    const classOf = async (values: object) => only(await objects("standalone", "1.2", values), "ClusterClass");
    assert.deepEqual(await classOf({ workerPools: { more: { replicas: 3, vcpuSockets: 8 } } }), await classOf({}));
  });

  it("has health checks that find the machines by the topology's labels", async () => {
    const checks = (await objects("hcp", "1.2")).filter(({ kind }) => kind === "MachineHealthCheck");
    const key = "topology.cluster.x-k8s.io/deployment-name";
    assert.deepEqual(
      checks
        .map(({ spec }) => spec.selector)
        .sort((a, b) => Object.keys(a).join().localeCompare(Object.keys(b).join())),
      [
        { matchExpressions: [{ key, operator: "In", values: ["md-rack-a", "md-rack-b"] }] },
        { matchLabels: { [key]: "gpu-rack-b" } },
      ],
    );
  });
});
