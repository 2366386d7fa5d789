import assert from "node:assert/strict";
import { capacityChange, machineNotes, machineRollouts } from "../../../../cli/review/machine-changes.ts";
import { asked, type Plain } from "./machine-fixture.ts";

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
