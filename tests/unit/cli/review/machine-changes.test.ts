import assert from "node:assert/strict";
import { demandOf } from "../../../../cli/review/demand.ts";
import { capacityChange, machineNotes, machineRollouts } from "../../../../cli/review/machine-changes.ts";
import { asked, rolls } from "./machine-fixture.ts";

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

  it("is not known of another chart, and of invalid values", () => {
    const object = { apiVersion: "k0rdent.mirantis.com/v1beta1", kind: "ClusterDeployment", metadata: { name: "x" } };
    assert.equal(demandOf({ ...object, spec: { template: "aws-standalone-cp-1-0-0", config: {} } }), undefined);
    assert.equal(demandOf({ ...object, spec: { template: "nutanix-k0s-hcp-1-0-0", config: {} } }), undefined);
    assert.equal(demandOf({ ...object, spec: "odd" }), undefined);
  });
});
