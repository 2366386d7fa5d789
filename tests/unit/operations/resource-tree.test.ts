import assert from "node:assert/strict";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { allNodes, clusterTrees } from "../../../operations/resource-tree.ts";
import type { SnapshotKind } from "../../../operations/snapshot.ts";
import { changed, condition, conditions, healthy, type Line, snapshotOf } from "./snapshots.ts";

const LINES: readonly Line[] = ["v1beta1", "v1beta2"];

const chainOf = (objects: readonly KubernetesObject[]) => clusterTrees(snapshotOf(objects))[0]!;
const pathOf = (objects: readonly KubernetesObject[]) =>
  chainOf(objects).blockedBy.map(({ kind, name }) => `${kind}/${name}`);
const causeOf = (objects: readonly KubernetesObject[]) => chainOf(objects).blockedBy.at(-1)?.cause;

describe("a cluster's chain", () => {
  for (const line of LINES) {
    describe(`with core ${line}`, () => {
      const unwell = (name: string, message: string, id: `${SnapshotKind}/${string}` = "ClusterDeployment/edge") =>
        changed(healthy(line), id, {
          status: { conditions: [condition(name, "False", { message }), condition("Ready", "False", { message })] },
        });

      it("goes from the ClusterDeployment to the nodes, each object once, without sets that are empty", () => {
        const { state, blockedBy, root } = chainOf(healthy(line));
        assert.equal(state, "Current");
        assert.deepEqual(blockedBy, []);
        assert.deepEqual(
          allNodes(root).map(({ kind, name }) => `${kind}/${name}`),
          [
            "ClusterDeployment/edge",
            "Credential/edge-nutanix",
            "Secret/edge-nutanix-identity",
            "ClusterTemplate/nutanix-k0s-standalone-1-0-0",
            "HelmRelease/edge",
            "HelmChart/edge",
            "Cluster/edge",
            "NutanixCluster/edge",
            "Secret/edge-capx-credentials",
            "K0sControlPlane/edge-standalone-cp",
            "Machine/edge-standalone-cp-0",
            "NutanixMachine/edge-standalone-cp-0",
            "Node/edge-standalone-cp-0-node",
            "MachineDeployment/edge-md",
            "MachineSet/edge-md-x1",
            "Machine/edge-md-x1-a",
            "NutanixMachine/edge-md-x1-a",
            "Node/edge-md-x1-a-node",
            "Machine/edge-md-x1-b",
            "NutanixMachine/edge-md-x1-b",
            "Node/edge-md-x1-b-node",
            "MachineHealthCheck/edge-md",
            "Secret/edge-kubeconfig",
          ],
        );
        assert.deepEqual(
          allNodes(root).filter((node) => node.state !== "Current"),
          [],
        );
      });

      it("is blocked by the VM that cannot be made, and not by the summaries above it", () => {
        const infrastructure = condition("InfrastructureReady", "False", { reason: "NotReady", message: "1 of 2" });
        let objects = changed(healthy(line), "NutanixMachine/edge-md-x1-b", {
          status: {
            ready: false,
            conditions: [
              condition("PrismClientInit", "True"),
              condition("VMProvisioned", "False", {
                reason: "FailedVMTask",
                severity: "Error",
                message: "image x not found",
              }),
            ],
          },
        });
        objects = changed(objects, "Machine/edge-md-x1-b", {
          status: { nodeRef: undefined, ...conditions(line, condition("Ready", "False"), infrastructure) },
        });
        objects = changed(objects, "MachineDeployment/edge-md", {
          status: conditions(
            line,
            condition("Available", "False", { reason: "NotAvailable", message: "1 of 2 available" }),
          ),
        });
        objects = changed(objects, "ClusterDeployment/edge", {
          status: {
            conditions: [
              condition("CAPIClusterSummary", "False", { reason: "IssuesReported" }),
              condition("Ready", "False"),
            ],
          },
        });
        assert.deepEqual(pathOf(objects), [
          "ClusterDeployment/edge",
          "Cluster/edge",
          "MachineDeployment/edge-md",
          "MachineSet/edge-md-x1",
          "Machine/edge-md-x1-b",
          "NutanixMachine/edge-md-x1-b",
        ]);
        assert.deepEqual(causeOf(objects), {
          type: "VMProvisioned",
          reason: "FailedVMTask",
          message: "image x not found",
          since: "2026-11-24T11:57:00Z",
        });
        assert.equal(chainOf(objects).state, "Failed");
      });

      it("is blocked by the ClusterDeployment itself where its chart does not install", () => {
        const objects = changed(unwell("HelmReleaseReady", "Helm install failed"), "Cluster/edge", {
          status: { conditions: [], v1beta2: {} },
        });
        assert.deepEqual(pathOf(objects), ["ClusterDeployment/edge"]);
        assert.equal(causeOf(objects)?.message, "Helm install failed");
      });

      it("is blocked by the Secret that its Credential names and that is not there", () => {
        const refused = unwell("CredentialReady", "identity not found", "Credential/edge-nutanix");
        const objects = changed(refused, "Secret/edge-nutanix-identity", undefined);
        assert.deepEqual(pathOf(objects).at(-1), "Secret/edge-nutanix-identity");
        assert.deepEqual(causeOf(objects), { type: "NotFound", message: "is referenced, and does not exist" });
      });

      it("is degraded where the cluster is ready and a node of it is not", () => {
        const objects = changed(healthy(line), "Machine/edge-md-x1-a", {
          status: conditions(
            line,
            condition("Ready", "True"),
            condition("NodeReady", "Unknown", {
              reason: "NodeStatusUnknown",
              message: "Kubelet stopped posting node status.",
            }),
          ),
        });
        const { state, blockedBy } = chainOf(objects);
        assert.equal(state, "Degraded");
        assert.equal(blockedBy.at(-1)?.name, "edge-md-x1-a-node");
        assert.equal(blockedBy.at(-1)?.cause?.message, "Kubelet stopped posting node status.");
      });

      it("waits, and has not failed, while a machine is being made", () => {
        const waiting = condition("BootstrapConfigReady", "False", {
          ...(line === "v1beta1" ? { severity: "Info" } : {}),
          reason: "WaitingForControlPlaneInitialized",
        });
        const objects = changed(healthy(line), "Machine/edge-md-x1-a", {
          status: conditions(line, condition("Ready", "False", { reason: "NotReady" }), waiting),
        });
        assert.equal(chainOf(objects).blockedBy.at(-1)?.state, "InProgress");
        assert.equal(causeOf(objects)?.type, "BootstrapConfigReady");
      });

      it("says what holds the deletion of a machine up, and since when", () => {
        const objects = changed(healthy(line), "Machine/edge-md-x1-a", {
          metadata: { deletionTimestamp: "2026-11-24T11:00:00Z", finalizers: ["machine.cluster.x-k8s.io"] },
        });
        assert.deepEqual(causeOf(objects), {
          type: "Terminating",
          message: "waits for the finalizers machine.cluster.x-k8s.io",
          since: "2026-11-24T11:00:00Z",
        });
      });

      it("knows a terminal failure from a condition that may still change", () => {
        const given = { failureReason: "CreateError", failureMessage: "memorySize is below 2Gi" };
        const objects = changed(healthy(line), "NutanixMachine/edge-md-x1-a", { status: given });
        assert.deepEqual(causeOf(objects), {
          type: "failureReason",
          reason: "CreateError",
          message: "memorySize is below 2Gi",
          since: "2026-11-24T10:00:00Z",
        });
      });
    });
  }

  it("is not blocked by what is not shown", () => {
    const objects = healthy("v1beta1").filter(({ kind }) => kind !== "Secret");
    const gap = { kind: "Secret", why: "forbidden", message: "no" } as const;
    const [chain] = clusterTrees(snapshotOf(objects, [gap]));
    assert.equal(chain?.state, "Current");
    const hidden = allNodes(chain!.root).filter(({ state }) => state === "Unknown");
    assert.deepEqual(
      hidden.map(({ name, detail }) => [name, detail]),
      [
        ["edge-nutanix-identity", "not shown"],
        ["edge-capx-credentials", "not shown"],
      ],
    );
  });

  it("does not take a verdict on an older generation for one", () => {
    const objects = changed(healthy("v1beta2"), "ClusterDeployment/edge", { metadata: { generation: 2 } });
    assert.equal(chainOf(objects).state, "InProgress");
    assert.equal(causeOf(objects)?.message, "its controller has seen generation 1 of 2");
  });

  it("has a Cluster that outlived its ClusterDeployment, with its machines", () => {
    const objects = changed(healthy("v1beta1"), "ClusterDeployment/edge", undefined);
    const { root, name } = chainOf(objects);
    assert.deepEqual([root.kind, name], ["Cluster", "edge"]);
    assert.equal(allNodes(root).filter(({ kind }) => kind === "Machine").length, 3);
  });

  it("says of a Cluster that should be there that it is missing, and of one that is not due yet nothing", () => {
    const gone = healthy("v1beta1").filter(({ kind }) => kind !== "Cluster");
    assert.deepEqual(pathOf(gone), ["ClusterDeployment/edge", "Cluster/edge"]);
    const early = changed(gone, "ClusterDeployment/edge", {
      status: {
        conditions: [
          condition("HelmReleaseReady", "Unknown", { reason: "Progressing" }),
          condition("Ready", "Unknown"),
        ],
      },
    });
    assert.deepEqual(pathOf(early), ["ClusterDeployment/edge"]);
    assert.equal(chainOf(early).state, "InProgress");
  });
});
