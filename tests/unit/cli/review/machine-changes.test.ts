import assert from "node:assert/strict";
import { demandOf, type RenderedDemand } from "../../../../cli/review/demand.ts";
import { capacityChange, machineNotes, machineRollouts } from "../../../../cli/review/machine-changes.ts";
import { clusterDeployment } from "../../../../manifests/cluster-deployment.ts";
import { parse } from "../../../../schema/parse.ts";
import { type Stack, type StackInput, stack } from "../../../../schema/stack.ts";
import { validInput } from "../../../support/stack-fixture.ts";

type Plain = Record<string, any>;

/** What a cluster of the good stack asks for, changed in one place. */
function asked(name: "demo" | "edge", change: (cluster: Plain) => void = () => undefined): RenderedDemand {
  const input = structuredClone(validInput()) as Plain;
  change(input["clusters"][name]);
  const { value, violations } = parse(stack, input as unknown as StackInput, { at: "" });
  assert.deepEqual(violations, []);
  const { clusters, prismCentral } = value as Stack;
  const cluster = clusters[name];
  assert.ok(cluster);
  const found = demandOf(clusterDeployment(cluster, { name, prismCentral }) as never);
  assert.ok(found);
  return found;
}

const rolls = (name: "demo" | "edge", change: (cluster: Plain) => void) =>
  machineRollouts({ before: asked(name), after: asked(name, change), replaced: false });

describe("machines that roll", () => {
  it("are none when only their number changes", () => {
    assert.deepEqual(
      rolls("edge", (cluster) => Object.assign(cluster, { controlPlaneNumber: 5, workersNumber: 7 })),
      [],
    );
  });

  it("are a group's own when its machines are made of something else", () => {
    assert.deepEqual(
      rolls("edge", (cluster) => {
        cluster["controlPlane"].memorySize = "16Gi";
      }),
      [{ group: "control-plane", machines: 3, how: "replaced", why: ["memorySize"] }],
    );
  });

  it("are all of them when machineDefaults change, but for what a role says itself", () => {
    assert.deepEqual(
      rolls("edge", (cluster) => Object.assign(cluster["machineDefaults"], { vcpuSockets: 8, bootType: "legacy" })),
      [
        { group: "control-plane", machines: 3, how: "replaced", why: ["bootType"] },
        { group: "md", machines: 2, how: "replaced", why: ["bootType", "vcpuSockets"] },
      ],
    );
  });

  it("are the workers with a new k0s version, while a control plane of machines is updated where it is", () => {
    assert.deepEqual(
      rolls("edge", (cluster) => Object.assign(cluster, { k0s: { version: "v1.32.8+k0s.0" } })),
      [
        { group: "control-plane", machines: 3, how: "updated in place", why: ["k0s.version"] },
        { group: "md", machines: 2, how: "replaced", why: ["k0s.version"] },
      ],
    );
  });

  it("are the control plane's when its files or arguments change: encryption at rest, the last worker", () => {
    const [encryption] = rolls("edge", (cluster) => Object.assign(cluster, { encryptionAtRest: false }));
    assert.deepEqual(encryption?.why, ["encryptionAtRest"]);
    const [last] = rolls("edge", (cluster) => Object.assign(cluster, { workersNumber: 0 }));
    assert.equal(last?.group, "control-plane");
    assert.equal(last?.machines, 3);
  });

  it("are all of them when the ClusterDeployment is replaced", () => {
    const change = { before: asked("edge"), after: asked("edge"), replaced: true };
    assert.deepEqual(
      machineRollouts(change).map(({ group, machines, why }) => [group, machines, why]),
      [
        ["control-plane", 3, ["the ClusterDeployment is replaced"]],
        ["md", 2, ["the ClusterDeployment is replaced"]],
      ],
    );
    assert.equal(capacityChange(change).surge.machines, 0);
  });

  it("are not those of labels and taints, of which a note is made", () => {
    const change = {
      before: asked("demo"),
      after: asked("demo", (cluster) => Object.assign(cluster["k0s"].worker.labels, { "example.com/rack": "r2" })),
      replaced: false,
    };
    assert.deepEqual(machineRollouts(change), []);
    assert.deepEqual(machineNotes(change), ["k0s.worker: only new machines get labels, taints and profile"]);
  });
});

/** The standalone cluster with a pool of its own and two failure domains that its first workers are spread over. */
function spread(cluster: Plain): void {
  const place = (cluster: string) => ({
    cluster: { type: "name", name: cluster },
    subnets: [{ type: "name", name: `${cluster}-net` }],
  });
  Object.assign(cluster, {
    failureDomains: { a: place("pe-a"), b: place("pe-b") },
    worker: { failureDomains: ["a", "b"] },
    workersNumber: 3,
    workerPools: { batch: { replicas: 4, vcpuSockets: 8, failureDomains: [] } },
  });
}

/** What a change does to a cluster that is prepared in both of its states. */
function outcome(prepare: (cluster: Plain) => void, change: (cluster: Plain) => void) {
  const states = {
    before: asked("edge", prepare),
    after: asked("edge", (cluster) => {
      prepare(cluster);
      change(cluster);
    }),
    replaced: false,
  };
  return { rolls: machineRollouts(states), notes: machineNotes(states), cost: capacityChange(states) };
}

describe("pools and failure domains", () => {
  const pool = { replicas: 2, memorySize: "16Gi" };

  it("count a new pool, roll nothing for it, and say that it is made", () => {
    const { rolls, notes, cost } = outcome(
      () => undefined,
      (cluster) => Object.assign(cluster, { workerPools: { batch: pool } }),
    );
    assert.deepEqual([rolls, notes], [[], ["batch is created with 2 machines"]]);
    assert.equal(cost.after.machines - cost.before.machines, 2);
    assert.equal(cost.after.memoryGib - cost.before.memoryGib, 32);
    assert.equal(cost.surge.machines, 0);
  });

  it("say of a pool that is taken out, or renamed, that its machines go", () => {
    const with_ = (name: string) => (cluster: Plain) => Object.assign(cluster, { workerPools: { [name]: pool } });
    assert.deepEqual(outcome(with_("batch"), (cluster) => delete cluster["workerPools"]).notes, [
      "batch is deleted with its 2 machines",
    ]);
    const renamed = outcome(with_("batch"), with_("jobs"));
    assert.deepEqual(renamed.notes, ["batch is deleted with its 2 machines", "jobs is created with 2 machines"]);
    assert.deepEqual(renamed.rolls, []);
  });

  it("roll one pool alone for what its machines are made of", () => {
    const { rolls, cost } = outcome(spread, (cluster) =>
      Object.assign(cluster["workerPools"].batch, { vcpuSockets: 4 }),
    );
    assert.deepEqual(rolls, [{ group: "batch", machines: 4, how: "replaced", why: ["vcpuSockets"] }]);
    assert.equal(cost.surge.machines, 1);
    assert.equal(cost.before.vcpus - cost.after.vcpus, 16);
  });

  it("roll each failure domain's workers, one machine on top for each", () => {
    const { rolls, cost } = outcome(spread, (cluster) => Object.assign(cluster["worker"], { memorySize: "8Gi" }));
    assert.deepEqual(
      rolls.map(({ group, machines, why }) => [group, machines, why]),
      [
        ["md-a", 2, ["memorySize"]],
        ["md-b", 1, ["memorySize"]],
        ["batch", 4, ["memorySize"]],
      ],
    );
    assert.equal(cost.surge.machines, 3);
  });

  it("make new machines where workers are spread over another failure domain, and take the old ones away", () => {
    const { rolls, notes, cost } = outcome(spread, (cluster) =>
      Object.assign(cluster["worker"], { failureDomains: ["a"] }),
    );
    assert.deepEqual(rolls, []);
    assert.deepEqual(notes, ["md-b is deleted with its 1 machines"]);
    assert.deepEqual([cost.before.machines, cost.after.machines], [10, 10]);
  });

  it("roll nothing where a failure domain leads elsewhere, and say who stays", () => {
    const { rolls, notes } = outcome(spread, (cluster) => {
      cluster["failureDomains"].b.subnets = [{ type: "name", name: "other-net" }];
    });
    assert.deepEqual(rolls, []);
    assert.deepEqual(notes, ["failureDomains.b: only new machines use it"]);
  });

  it("say of the profile of a pool that machines which run keep theirs", () => {
    const { rolls, notes } = outcome(spread, (cluster) =>
      Object.assign(cluster["workerPools"].batch, { profile: "big" }),
    );
    assert.deepEqual(rolls, []);
    assert.deepEqual(notes, ["workerPools.batch: only new machines get labels, taints and profile"]);
  });
});

describe("a cluster with a ClusterClass", () => {
  const classy = (cluster: Plain) => {
    spread(cluster);
    cluster["clusterClass"] = true;
  };

  it("rolls the workers of a pool for its labels and profile, which the plain form does not", () => {
    const { rolls, notes, cost } = outcome(classy, (cluster) =>
      Object.assign(cluster["workerPools"].batch, { labels: { "example.com/rack": "r1" }, profile: "big" }),
    );
    assert.deepEqual(rolls, [{ group: "batch", machines: 4, how: "replaced", why: ["labels", "profile"] }]);
    assert.deepEqual([notes, cost.surge.machines], [[], 1]);
  });

  it("rolls all workers for taints of all", () => {
    const { rolls } = outcome(classy, (cluster) =>
      Object.assign(cluster, { k0s: { worker: { taints: [{ key: "a", value: "b", effect: "NoSchedule" }] } } }),
    );
    assert.deepEqual(
      rolls.map(({ group, why }) => [group, why]),
      [
        ["md-a", ["taints"]],
        ["md-b", ["taints"]],
        ["batch", ["taints"]],
      ],
    );
  });

  it("rolls every machine for a proxy", () => {
    const { rolls } = outcome(classy, (cluster) =>
      Object.assign(cluster, { proxy: { https: "http://proxy.example.com:3128" } }),
    );
    assert.deepEqual(
      rolls.map(({ group, why }) => [group, why]),
      [
        ["control-plane", ["proxy"]],
        ["md-a", ["proxy"]],
        ["md-b", ["proxy"]],
        ["batch", ["proxy"]],
      ],
    );
  });

  it("rolls nothing for numbers", () => {
    assert.deepEqual(outcome(classy, (cluster) => Object.assign(cluster, { workersNumber: 9 })).rolls, []);
  });
});

describe("the cost of a change", () => {
  it("is what the machines ask for before, after, and one new machine of each rolling group on top", () => {
    const after = asked("edge", (cluster) => {
      cluster["controlPlane"].memorySize = "16Gi";
      cluster["workersNumber"] = 4;
    });
    assert.deepEqual(capacityChange({ before: asked("edge"), after, replaced: false }), {
      before: { machines: 5, vcpus: 16, memoryGib: 32, diskGib: 320 },
      after: { machines: 7, vcpus: 20, memoryGib: 64, diskGib: 400 },
      surge: { machines: 1, vcpus: 4, memoryGib: 16, diskGib: 80 },
    });
  });

  it("counts no machine of a hosted control plane, and says what becomes of its pods", () => {
    const change = {
      before: asked("demo"),
      after: asked("demo", (cluster) => Object.assign(cluster, { controlPlaneNumber: 5 })),
      replaced: false,
    };
    assert.equal(capacityChange(change).after.machines, 2);
    assert.deepEqual(machineNotes(change), ["the hosted control plane scales from 3 to 5 pods"]);
  });

  it("is not known of somebody else's chart, and of values that are none", () => {
    const object = { apiVersion: "k0rdent.mirantis.com/v1beta1", kind: "ClusterDeployment", metadata: { name: "x" } };
    assert.equal(demandOf({ ...object, spec: { template: "aws-standalone-cp-1-0-0", config: {} } }), undefined);
    assert.equal(demandOf({ ...object, spec: { template: "nutanix-k0s-hcp-1-0-0", config: {} } }), undefined);
    assert.equal(demandOf({ ...object, spec: "odd" }), undefined);
  });
});
