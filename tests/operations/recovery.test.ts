import assert from "node:assert/strict";
import { findOrphans } from "../../operations/find-orphans.ts";
import { planRecovery } from "../../operations/recovery.ts";
import { ago, caseOf, condition, healthy, type World } from "./cluster-fixture.ts";
import { ILLS } from "./failure-scenarios.ts";

const MACHINE = "demo-md-abc-x7";
const wishes = { cluster: "demo", reset: false, force: false };
const plan = (make: (world: World) => void, more: Partial<typeof wishes> = {}) => {
  const world = healthy();
  make(world);
  return planRecovery(caseOf(world), { ...wishes, ...more });
};
const ill = (id: string) => (world: World) => ILLS.find((one) => one.id === id)?.make(world);
const find = (world: World, kind: string, name: string) =>
  world.objects[kind]?.find(({ metadata }) => metadata.name === name) ?? assert.fail(`no ${kind} ${name}`);

describe("the recovery of a cluster", () => {
  it("does nothing where all is well", () => {
    assert.deepEqual(
      plan(() => undefined),
      { steps: [], withheld: [] },
    );
  });

  it("deletes the Machines that CAPX gave up, and offers no reset beside that", () => {
    const { steps, withheld } = plan(ill("image-not-found"));
    assert.deepEqual(
      steps.map(({ does, says }) => [does, says]),
      [
        [
          "delete-machine",
          `delete the Machine ${MACHINE}, which CAPX has given up (failed to get system disk image "ubuntu": found no image with name ubuntu); its MachineDeployment makes another`,
        ],
      ],
    );
    assert.deepEqual(withheld, []);
  });

  it("leaves machines of the control plane to k0smotron", () => {
    const { steps } = plan((world) => {
      ill("image-not-found")(world);
      find(world, "Machine", MACHINE)["metadata"].labels["cluster.x-k8s.io/control-plane"] = "";
    });
    assert.deepEqual(steps, []);
  });

  it("lets Flux try again where it has stopped", () => {
    assert.deepEqual(
      plan(ill("helm-release-failed")).steps.map(({ does }) => does),
      ["retry-release"],
    );
  });

  it("resets by itself only a cluster whose control plane was never up", () => {
    const never = (world: World) => {
      const no = (type: string) => condition(type, "False");
      find(world, "ClusterDeployment", "demo")["status"].conditions = [no("Ready")];
      find(world, "Cluster", "demo")["status"].conditions = [no("ControlPlaneInitialized")];
    };
    assert.deepEqual(
      plan(never).steps.map(({ says }) => says),
      ["delete the ClusterDeployment demo, wait until its machines are gone, and deploy it again"],
    );
    const up = plan((world) => {
      find(world, "ClusterDeployment", "demo")["status"].conditions = [condition("Ready", "False")];
    });
    assert.deepEqual(up, {
      steps: [],
      withheld: [
        "removing demo and deploying it again: its control plane is up, and all that runs in it would be lost; only with --reset",
      ],
    });
    assert.deepEqual(
      plan(() => undefined, { reset: true }).steps.map(({ says }) => says),
      [
        "delete the ClusterDeployment demo, with all that runs in it, wait until its machines are gone, and deploy it again",
      ],
    );
  });

  it("takes a finalizer away only when forced, after naming the virtual machine that would stay", () => {
    const says = `take infrastructure.cluster.x-k8s.io/nutanixmachine (CAPX) away from NutanixMachine ${MACHINE}: the virtual machine ${MACHINE} (UUID demo-uuid) stays in Prism Central, and nobody deletes it any more`;
    assert.deepEqual(plan(ill("deletion-held")), { steps: [], withheld: [`${says}: only with --force`] });
    assert.deepEqual(plan(ill("deletion-held"), { force: true }), {
      steps: [{ does: "drop-finalizers", machine: MACHINE, says }],
      withheld: [],
    });
    const fresh = plan(
      (world) => {
        ill("deletion-held")(world);
        find(world, "NutanixMachine", MACHINE)["metadata"].deletionTimestamp = ago(1);
      },
      { force: true },
    );
    assert.deepEqual(fresh, { steps: [], withheld: [] });
  });
});

describe("orphans on a Prism Central", () => {
  it("are machines that nobody claims and categories of clusters that are not there, and nothing of others", () => {
    const there = {
      clusters: ["edge", "edge-2", "gone"],
      machines: [
        { name: "edge-md-x7", uuid: "1" },
        { name: "edge-md-left", uuid: "2" },
        { name: "edge-2-md-y8", uuid: "3" },
        { name: "gone-md-z9", uuid: "4" },
        { name: "renamed-in-prism", uuid: "5" },
        { name: "somebody-elses", uuid: "6" },
        { name: "edge-md-claimed", uuid: "7" },
      ],
    };
    const here = { clusters: ["edge", "edge-2"], machines: ["edge-md-x7"], uuids: ["5", "7"] };
    assert.deepEqual(findOrphans(there, here), {
      categories: ["gone"],
      machines: [
        { name: "edge-md-left", uuid: "2", cluster: "edge" },
        { name: "edge-2-md-y8", uuid: "3", cluster: "edge-2" },
        { name: "gone-md-z9", uuid: "4", cluster: "gone" },
      ],
    });
  });
});
