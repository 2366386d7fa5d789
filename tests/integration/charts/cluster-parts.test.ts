import assert from "node:assert/strict";
import { MODES, type Mode, needsHelm, only, type Rendered, render, valueFiles } from "./helm-template.ts";

describe("the objects of pools, failure domains and nodes", function () {
  this.timeout(30_000);
  before(needsHelm);

  const cluster = (mode: Mode, file: string) =>
    render(`nutanix-k0s-${mode}`, { files: valueFiles(mode).get(file) ?? [] });
  const names = (objects: readonly Rendered[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);

  it("are a MachineDeployment for each pool and failure domain, each where its objects say", async () => {
    const objects = await cluster("hcp", "failure-domains-and-worker-pools");
    const deployments = objects.filter(({ kind }) => kind === "MachineDeployment");
    assert.deepEqual(
      deployments.map(({ metadata, spec }) => [metadata.name, spec.replicas, spec.template.spec.failureDomain]),
      [
        ["edge-md-rack-a", 1, "edge-rack-a"],
        ["edge-md-rack-b", 1, "edge-rack-b"],
        ["edge-anywhere", 1, undefined],
        ["edge-far-rack-b", 2, "edge-rack-b"],
        ["edge-near-rack-a", 3, "edge-rack-a"],
        ["edge-near-rack-b", 2, "edge-rack-b"],
      ],
    );
    const there = new Set(names(objects));
    for (const { spec } of deployments) {
      const { bootstrap, infrastructureRef, failureDomain } = spec.template.spec;
      for (const { kind, name } of [bootstrap.configRef, infrastructureRef]) assert.ok(there.has(`${kind} ${name}`));
      if (failureDomain) assert.ok(there.has(`NutanixFailureDomain ${failureDomain}`));
    }
    const domain = objects.find(({ metadata }) => metadata.name === "edge-rack-b");
    assert.deepEqual(domain?.spec, {
      prismElementCluster: { type: "uuid", uuid: "550e8400-e29b-41d4-a716-446655440010" },
      subnets: [
        { type: "name", name: "VM-Network" },
        { type: "name", name: "Storage-Network" },
      ],
    });
  });

  it("heal a pool as one, over its failure domains", async () => {
    const objects = await cluster("hcp", "failure-domains-and-worker-pools");
    const checks = objects.filter(({ kind }) => kind === "MachineHealthCheck");
    assert.deepEqual(
      checks.map(({ metadata }) => metadata.name),
      ["edge-md", "edge-far", "edge-near"],
    );
    assert.deepEqual(checks[2]?.spec.selector.matchExpressions, [
      {
        key: "cluster.x-k8s.io/deployment-name",
        operator: "In",
        values: ["edge-near-rack-a", "edge-near-rack-b"],
      },
    ]);
  });

  it("spread control plane machines over the failure domains that they name", async () => {
    const spread = only(await cluster("standalone", "control-plane-failure-domains"), "NutanixCluster");
    assert.deepEqual(spread.spec.controlPlaneFailureDomains, [{ name: "edge-rack-a" }, { name: "edge-rack-b" }]);
    for (const mode of MODES) {
      const workersOnly = only(await cluster(mode, "failure-domains"), "NutanixCluster");
      assert.equal(workersOnly.spec.controlPlaneFailureDomains, undefined);
    }
  });

  it("give a pool the workers' values, and its own in their place", async () => {
    const objects = await cluster("standalone", "worker-pools-and-overrides");
    const spec = (name: string) =>
      objects.find(({ kind, metadata }) => kind === "NutanixMachineTemplate" && metadata.name.startsWith(name))?.spec
        .template.spec;
    const [first, rocky, plain] = ["worker-mt-", "worker-rocky-mt-", "worker-plain-mt-"].map((name) =>
      spec(`edge-standalone-${name}`),
    );
    assert.deepEqual(plain, first);
    assert.deepEqual([first.imageLookup.baseOS, first.image], ["ubuntu-22.04", undefined]);
    assert.deepEqual([rocky.image, rocky.imageLookup], [{ type: "name", name: "rocky-9" }, undefined]);
    assert.deepEqual([rocky.vcpuSockets, rocky.dataDisks, first.dataDisks.length], [4, undefined, 1]);
  });

  it("give every data disk an address of its own, around those that are written", async () => {
    const disk = (adapterType?: string, deviceIndex?: number) =>
      adapterType === undefined
        ? { diskSize: "10Gi" }
        : {
            diskSize: "10Gi",
            deviceProperties: {
              deviceType: "Disk",
              adapterType,
              ...(deviceIndex === undefined ? {} : { deviceIndex }),
            },
          };
    const disks = [disk(), disk(), disk("SCSI", 2), disk("PCI"), disk("SCSI", 0), disk("PCI", 7), disk("PCI")];
    const addresses = ["SCSI 1", "SCSI 3", "SCSI 2", "PCI 1", "SCSI 4", "PCI 7", "PCI 2"];
    const shown = (spec: Rendered) =>
      spec.dataDisks.map(({ deviceProperties: { adapterType, deviceIndex } }: Rendered) =>
        [adapterType, deviceIndex].join(" "),
      );
    for (const mode of MODES) {
      for (const kcmLine of ["1.2", "1.11"]) {
        const values = { kcmLine, worker: { dataDisks: disks }, clusterClass: false };
        const files = valueFiles(mode).get("base") ?? [];
        const plain = await render(`nutanix-k0s-${mode}`, { files, values });
        const template = plain.find(({ metadata }) => metadata.name.includes("-worker-mt-"));
        assert.deepEqual(shown(template?.spec.template.spec), addresses);
        const { topology } = only(
          await render(`nutanix-k0s-${mode}`, { files, values: { ...values, clusterClass: true } }),
          "Cluster",
        ).spec;
        const [machine] = topology.workers.machineDeployments[0].variables.overrides;
        assert.deepEqual(shown(machine.value), addresses);
      }
    }
    const twice = { worker: { dataDisks: [disk("SCSI", 2), disk("SCSI", 2)] } };
    await assert.rejects(
      render("nutanix-k0s-hcp", { files: valueFiles("hcp").get("base") ?? [], values: twice }),
      /worker\.dataDisks: two disks have the address SCSI\.2; set another deviceIndex, or remove it/,
    );
  });

  it("label a pool's nodes beside all workers', and taint them in place of those", async () => {
    const objects = await cluster("hcp", "worker-pools-and-labels");
    const args = Object.fromEntries(
      objects
        .filter(({ kind }) => kind === "K0sWorkerConfigTemplate")
        .map(({ metadata, spec }) => [metadata.name, spec.template.spec.args]),
    );
    assert.deepEqual(args, {
      "edge-hcp-worker-bootstrap": ["--labels=tier=edge", "--taints=workload=batch:NoSchedule"],
      "edge-hcp-worker-gpu-bootstrap": ["--labels=tier=gpu", "--taints=nvidia.com/gpu=:NoSchedule"],
      "edge-hcp-worker-open-bootstrap": ["--labels=tier=edge"],
    });
    const roles = objects.filter(({ metadata }) => metadata.name === "edge-gpu")[0]?.spec.template.metadata.labels;
    assert.deepEqual([roles["node-role.kubernetes.io/worker"], roles["node-role.kubernetes.io/gpu"]], ["", ""]);
  });

  it("let pods onto control plane nodes only where there is no pool either", async () => {
    const { args } = only(await cluster("standalone", "worker-pools-alone"), "K0sControlPlane").spec.k0sConfigSpec;
    assert.ok(!args.includes("--no-taints"));
  });

  it("give every node the proxy, for k0s and for its download", async () => {
    const objects = await cluster("standalone", "proxy");
    const worker = only(objects, "K0sWorkerConfigTemplate").spec.template.spec;
    const controller = only(objects, "K0sControlPlane").spec.k0sConfigSpec;
    const none =
      "localhost,127.0.0.1,.svc,.cluster.local,10.243.0.0/16,10.95.0.0/16,10.1.1.201,10.1.1.0/24,.example.com";
    const content = `[Service]\nEnvironment="HTTPS_PROXY=http://proxy.example.com:3128"\nEnvironment="HTTP_PROXY=http://proxy.example.com:3128"\nEnvironment="NO_PROXY=${none}"\n`;
    for (const [{ files }, unit] of [
      [worker, "k0sworker"],
      [controller, "k0scontroller"],
    ]) {
      assert.deepEqual(files, [
        { path: `/etc/systemd/system/${unit}.service.d/proxy.conf`, permissions: "0644", content },
      ]);
    }
    assert.deepEqual(worker.preStartCommands, controller.preStartCommands);
    assert.match(worker.preStartCommands[0], /^export 'HTTPS_PROXY=http:\/\/proxy.example.com:3128' 'https_proxy=/);
    assert.ok(worker.preStartCommands[0].endsWith(`'no_proxy=${none}'`));
  });

  it("let in whom the SSH keys are of, and write the keys where a shell reads none of them", async () => {
    const { files, preStartCommands } = only(await cluster("hcp", "ssh"), "K0sWorkerConfigTemplate").spec.template.spec;
    assert.deepEqual(
      files.map(({ path, permissions }: { path: string; permissions: string }) => `${path} ${permissions}`),
      ["/etc/k0rdent-nutanix/authorized_keys 0644", "/etc/sudoers.d/90-k0rdent-nutanix 0440"],
    );
    assert.equal(files[0].content.split("\n").length, 3);
    assert.equal(preStartCommands.length, 2);
    for (const command of preStartCommands) assert.doesNotMatch(command, /ssh-|AAAA/);
  });
});
