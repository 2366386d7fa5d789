import assert from "node:assert/strict";
import { findOrphans } from "../../../operations/find-orphans.ts";
import { planRecovery } from "../../../operations/recovery.ts";
import { ago, type ClusterFixture, condition, healthy, inputOf } from "./cluster-fixture.ts";
import { FAILURE_SCENARIOS } from "./failure-scenarios.ts";

const MACHINE = "demo-md-abc-x7";
const wishes = { cluster: "demo", reset: false, force: false };
const plan = (make: (world: ClusterFixture) => void, more: Partial<typeof wishes> = {}) => {
  const world = healthy();
  make(world);
  return planRecovery(inputOf(world), { ...wishes, ...more });
};
const ill = (id: string) => (world: ClusterFixture) => FAILURE_SCENARIOS.find((one) => one.id === id)?.apply(world);
const find = (world: ClusterFixture, kind: string, name: string) =>
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
      steps.map(({ action, description }) => [action, description]),
      [
        [
          "delete-machine",
          `delete the Machine ${MACHINE}, which has failed permanently (failed to get system disk image "ubuntu": found no image with name ubuntu); its MachineDeployment creates another`,
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
      plan(ill("helm-release-failed")).steps.map(({ action }) => action),
      ["retry-release"],
    );
  });

  it("resets by itself only a cluster whose control plane was never up", () => {
    const never = (world: ClusterFixture) => {
      const no = (type: string) => condition(type, "False");
      find(world, "ClusterDeployment", "demo")["status"].conditions = [no("Ready")];
      find(world, "Cluster", "demo")["status"].conditions = [no("ControlPlaneInitialized")];
    };
    assert.deepEqual(
      plan(never).steps.map(({ description }) => description),
      ["delete the ClusterDeployment demo, wait until its machines are deleted, and deploy it again"],
    );
    const up = plan((world) => {
      find(world, "ClusterDeployment", "demo")["status"].conditions = [condition("Ready", "False")];
    });
    assert.deepEqual(up, {
      steps: [],
      withheld: [
        "delete demo and deploy it again: its control plane runs, and everything in the cluster would be lost; only with --reset",
      ],
    });
    assert.deepEqual(
      plan(() => undefined, { reset: true }).steps.map(({ description }) => description),
      [
        "delete the ClusterDeployment demo and everything in it, wait until its machines are deleted, and deploy it again",
      ],
    );
  });

  it("writes a NutanixCluster again that went before its machines, and touches no finalizer for that", () => {
    const gone = (world: ClusterFixture) => {
      ill("nutanix-cluster-missing")(world);
      find(world, "Cluster", "demo")["spec"].infrastructureRef.name = "demo-cluster";
      const prismCentral = {
        ...{ address: "pc.example.com", port: 9440, insecure: false, usePerClusterCredential: true },
        ...{ credentialSecretName: "demo-capx-credentials", additionalTrustBundleConfigMapName: "demo-pc-ca" },
      };
      const controlPlaneEndpoint = { host: "10.1.1.201", port: 6443 };
      find(world, "ClusterDeployment", "demo")["spec"].config = { nutanix: { prismCentral, controlPlaneEndpoint } };
    };
    const { steps, withheld } = plan(gone);
    assert.deepEqual(withheld, []);
    assert.deepEqual(steps, [
      {
        action: "restore-nutanix-cluster",
        object: {
          apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1",
          kind: "NutanixCluster",
          metadata: {
            name: "demo-cluster",
            namespace: "kcm-system",
            labels: { "cluster.x-k8s.io/cluster-name": "demo" },
          },
          spec: {
            controlPlaneEndpoint: { host: "10.1.1.201", port: 6443 },
            prismCentral: {
              address: "pc.example.com",
              port: 9440,
              insecure: false,
              credentialRef: { kind: "Secret", name: "demo-capx-credentials", namespace: "kcm-system" },
              additionalTrustBundle: { kind: "ConfigMap", name: "demo-pc-ca", namespace: "kcm-system" },
            },
          },
        },
        identity: "demo-nutanix-identity",
        machines: [MACHINE],
        isTerminating: true,
        description:
          "create the NutanixCluster demo-cluster, the Secret demo-capx-credentials, the ConfigMap demo-pc-ca again where they do not exist, touch its NutanixMachines (1), and delete it after their virtual machines",
      },
    ]);
    const alone = plan((world) => {
      gone(world);
      world.objects["ClusterDeployment"] = [];
    });
    assert.deepEqual(
      [alone.steps, alone.withheld],
      [
        [],
        [
          "create the NutanixCluster demo-cluster again: its ClusterDeployment, which has its content, does not exist; create it by hand",
        ],
      ],
    );
  });

  it("takes a finalizer away only when forced, after naming the virtual machine that would stay", () => {
    const description = `remove infrastructure.cluster.x-k8s.io/nutanixmachine (CAPX) from NutanixMachine ${MACHINE}: the virtual machine ${MACHINE} (UUID demo-uuid) stays in Prism Central until you delete it there`;
    assert.deepEqual(plan(ill("deletion-blocked")), { steps: [], withheld: [`${description}: only with --force`] });
    assert.deepEqual(plan(ill("deletion-blocked"), { force: true }), {
      steps: [{ action: "remove-finalizers", machine: MACHINE, description }],
      withheld: [],
    });
    const fresh = plan(
      (world) => {
        ill("deletion-blocked")(world);
        find(world, "NutanixMachine", MACHINE)["metadata"].deletionTimestamp = ago(1);
      },
      { force: true },
    );
    assert.deepEqual(fresh, { steps: [], withheld: [] });
  });
});

describe("orphans", () => {
  it("are machines without a Machine, categories and volumes of clusters that are not there, and nothing of others", () => {
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
    const volume = (cluster: string) => ({ name: `etcd-data-kmc-${cluster}-etcd-0`, namespace: "kcm-system", cluster });
    const volumes = [volume("edge"), volume("gone")];
    const here = { clusters: ["edge", "edge-2"], machines: ["edge-md-x7"], uuids: ["5", "7"], volumes };
    assert.deepEqual(findOrphans(there, here), {
      volumes: [volume("gone")],
      categories: ["gone"],
      machines: [
        { name: "edge-md-left", uuid: "2", cluster: "edge" },
        { name: "edge-2-md-y8", uuid: "3", cluster: "edge-2" },
        { name: "gone-md-z9", uuid: "4", cluster: "gone" },
      ],
    });
  });
});
