import assert from "node:assert/strict";
import { type StatusView, statusJson, statusText } from "../../../cli/output/status-view.ts";
import type { KubernetesEvent, KubernetesObject } from "../../../kubernetes/object.ts";
import { clusterTrees } from "../../../operations/resource-tree.ts";
import type { Gap } from "../../../operations/snapshot.ts";
import { healthy, object, snapshotOf } from "../../unit/operations/snapshots.ts";
import { many, refused } from "./status-fixture.ts";

function viewOf(objects: readonly KubernetesObject[], more: { gaps?: Gap[]; absent?: string[] } = {}): StatusView {
  const snapshot = snapshotOf(objects, more.gaps);
  return { snapshot, chains: clusterTrees(snapshot), absent: more.absent ?? [], stack: "k0rdent-nutanix.mine" };
}

describe("the status", () => {
  it("is a tree for each cluster, with ages, and without colours where there is no terminal", () => {
    assert.deepEqual(statusText(viewOf(healthy("v1beta1")), "auto").split("\n"), [
      "Clusters of stack k0rdent-nutanix.mine, https://10.0.0.1:6443",
      "",
      "✔ edge  Current  nutanix-k0s-standalone-1-0-0, 2h",
      "  ✔ ClusterDeployment edge  nutanix-k0s-standalone-1-0-0, 2h",
      "  ├─ ✔ Credential edge-nutanix  2h",
      "  │  └─ ✔ Secret edge-nutanix-identity  2h",
      "  ├─ ✔ ClusterTemplate nutanix-k0s-standalone-1-0-0  1.0.0, 2h",
      "  ├─ ✔ HelmRelease edge  1.0.0+abc, 2h",
      "  │  └─ ✔ HelmChart edge  1.0.0, 2h",
      "  └─ ✔ Cluster edge  provisioned, 2h",
      "     ├─ ✔ NutanixCluster edge  10.1.1.201:6443, 2h",
      "     │  └─ ✔ Secret edge-capx-credentials  2h",
      "     ├─ ✔ K0sControlPlane edge-standalone-cp  1/1 machines, v1.32.6+k0s.0, 2h",
      "     │  └─ ✔ Machine edge-standalone-cp-0  running, v1.32.6, 2h",
      "     │     ├─ ✔ NutanixMachine edge-standalone-cp-0  10.1.1.31, VM 7d2f0c3e-0000-4000-8000-000000000001, 2h",
      "     │     └─ ✔ Node edge-standalone-cp-0-node  v1.32.6+k0s",
      "     ├─ ✔ MachineDeployment edge-md  2/2 machines, 2h",
      "     │  └─ ✔ MachineSet edge-md-x1  2/2 machines, 2h",
      "     │     ├─ ✔ Machine edge-md-x1-a  running, v1.32.6, 2h",
      "     │     │  ├─ ✔ NutanixMachine edge-md-x1-a  10.1.1.31, VM 7d2f0c3e-0000-4000-8000-000000000001, 2h",
      "     │     │  └─ ✔ Node edge-md-x1-a-node  v1.32.6+k0s",
      "     │     └─ ✔ Machine edge-md-x1-b  running, v1.32.6, 2h",
      "     │        ├─ ✔ NutanixMachine edge-md-x1-b  10.1.1.31, VM 7d2f0c3e-0000-4000-8000-000000000001, 2h",
      "     │        └─ ✔ Node edge-md-x1-b-node  v1.32.6+k0s",
      "     ├─ ✔ MachineHealthCheck edge-md  2/2 healthy, 2h",
      "     └─ ✔ Secret edge-kubeconfig  2h",
      "",
      "✔ Management kcm  kcm-1-2-0, 2h",
      "",
      "1 cluster: 1 Current",
    ]);
  });

  it("shows of many clusters one line each, and of those that are not ready the branch to the cause", () => {
    const lines = statusText(viewOf(refused(many(12), "c1003")), "auto").split("\n");
    assert.equal(lines.filter((line) => line.startsWith("✔ c")).length, 11);
    const from = lines.findIndex((line) => line.startsWith("! c1003"));
    const why = "CredentialReady (Failed) for 3m: ClusterIdentity object not found";
    assert.deepEqual(lines.slice(from, from + 3), [
      `! c1003  Degraded  nutanix-k0s-standalone-1-0-0, 2h  Credential c1003-nutanix: ${why}`,
      "  ✔ ClusterDeployment c1003  nutanix-k0s-standalone-1-0-0, 2h",
      `  └─ ✖ Credential c1003-nutanix  2h  Failed, ${why}`,
    ]);
    assert.equal(lines.at(-1), "12 clusters: 11 Current, 1 Degraded");
  });

  it("names what is not shown, and what is not deployed", () => {
    const gaps: Gap[] = [
      { kind: "Machine", why: "forbidden", message: "no" },
      { kind: "Secret", why: "forbidden", message: "no" },
      { kind: "HelmRelease", why: "not served", message: "no" },
    ];
    const text = statusText(viewOf(healthy("v1beta1"), { gaps, absent: ["demo"] }), "brief");
    assert.match(text, /^not shown, forbidden: Machine, Secret$/m);
    assert.match(text, /^\? demo {2}not deployed$/m);
    assert.ok(!text.includes("HelmRelease"));
    assert.match(text, /^2 clusters: 1 Current, 1 not deployed$/m);
  });

  it("is the same as JSON, with the object that is to blame", () => {
    const json = statusJson(viewOf(refused(healthy("v1beta2"), "edge"))) as any;
    assert.deepEqual(
      json.clusters.map(({ name, state, blockedBy }: any) => ({ name, state, blockedBy })),
      [
        {
          name: "edge",
          state: "Degraded",
          blockedBy: {
            kind: "Credential",
            name: "edge-nutanix",
            state: "Failed",
            type: "CredentialReady",
            reason: "Failed",
            message: "ClusterIdentity object not found",
            since: "2026-11-24T11:57:00Z",
            for: "3m",
            lastWarning: null,
          },
        },
      ],
    );
    assert.equal(json.clusters[0].root.children[0].kind, "Credential");
    assert.equal(json.platform.state, "Current");
  });
});

describe("the last warning", () => {
  const event = (name: string, more: object): KubernetesEvent =>
    ({
      ...object("Event", `${name}.1`),
      involvedObject: { kind: "Credential", name },
      type: "Warning",
      reason: "Refused",
      ...more,
    }) as KubernetesEvent;
  const warned = (...events: KubernetesEvent[]): StatusView => {
    const view = viewOf(refused(healthy("v1beta1"), "edge"));
    return { ...view, snapshot: { ...view.snapshot, events } };
  };

  it("about the object that blocks a cluster is below its line, and in the JSON: the latest, not another's", () => {
    const view = warned(
      event("edge-nutanix", { message: "an older one", lastTimestamp: "2026-11-24T11:50:00Z" }),
      event("edge-nutanix", { message: "no\n  such Secret", eventTime: "2026-11-24T11:58:00.000000Z", count: 4 }),
      event("demo-nutanix", { message: "another's", lastTimestamp: "2026-11-24T11:59:00Z" }),
    );
    const line = "  last warning, 2m ago, seen 4 times: Refused: no such Secret";
    const lines = statusText(view, "auto").split("\n");
    assert.equal(lines[lines.findIndex((one) => one.startsWith("! edge")) + 1], line);
    assert.ok(!statusText(view, "brief").includes("last warning"));
    const { lastWarning } = (statusJson(view) as any).clusters[0].blockedBy;
    assert.deepEqual(lastWarning, {
      reason: "Refused",
      message: "no such Secret",
      count: 4,
      last: "2026-11-24T11:58:00.000000Z",
    });
  });
});
