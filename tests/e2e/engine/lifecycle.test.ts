import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectKubernetes } from "../../../kubernetes/client.ts";
import { clearFailures, injectFailures } from "../../../sandbox/controllers/failures.ts";
import { eventually } from "../../support/eventually.ts";
import { itNamesDrift } from "./drift.ts";
import { objectsLeft, useHarness } from "./harness.ts";
import { itRotatesGeneratedPasswords, itRotatesLogins } from "./rotation.ts";
import { itKeepsSecrets, Recording } from "./secrets.ts";

describe("the life of a stack, from an empty management cluster to an empty one", () => {
  const harness = useHarness("lifecycle");
  // What the stack `dev` holds, encrypted with its public passphrase.
  const recording = new Recording(["global-Pa55word!", 'edge "quoted" Pa55\\word']);

  before(async () => {
    // The CSI driver has one more copy of the login.
    harness.changeSettings("dev", (settings) => {
      settings["clusters"].edge.addons = { csi: { enabled: true, storageContainer: "default" } };
    });
  });

  it("previews while the cluster cannot be reached and has no CRD", async () => {
    harness.changeSettings("dev", (settings) => {
      settings["management"].kubeconfig = "nowhere/kubeconfig";
    });
    const { changes } = await harness.engine.preview(recording);
    harness.changeSettings("dev", (settings) => {
      settings["management"].kubeconfig = harness.sandbox.kubeconfig;
    });
    assert.ok((changes.create ?? 0) > 25, `only ${changes.create} resources`);
  });

  it("comes up in one run, with CRDs that only this run brings", async () => {
    const { changes, outputs } = await harness.engine.up(recording);
    assert.deepEqual(Object.keys(changes), ["create"]);
    const { clusters } = outputs as { clusters: Record<string, { ready: boolean; endpoint: string }> };
    assert.deepEqual(
      Object.entries(clusters).map(([name, { ready, endpoint }]) => [name, ready, endpoint]),
      [
        ["demo", true, "10.1.1.200:6443"],
        ["edge", true, "10.1.1.201:6443"],
      ],
    );
  });

  it("leaves nothing to do, also after a refresh", () => harness.assertUnchanged(recording));

  itNamesDrift(harness);

  it("has outputs with kubeconfigs that work", async () => {
    const outputs = await harness.engine.outputs();
    assert.equal(outputs["kubeconfigs"]?.secret, true);
    const { demo } = (outputs["kubeconfigs"]?.value ?? {}) as { demo: string };
    const api = await connectKubernetes({ kubeconfig: demo });
    assert.ok((await api.list({ apiVersion: "v1", kind: "Node" })).length > 0);
  });

  it("rejects in a preview changes of immutable fields, and a rollout of control planes that is not allowed", async () => {
    const preview = async (change: (clusters: Record<string, any>) => void): Promise<string> => {
      const file = join(harness.folder, "Pulumi.dev.yaml");
      const before = readFileSync(file, "utf8");
      harness.changeSettings("dev", (settings) => change(settings["clusters"]));
      try {
        return JSON.stringify((await harness.engine.preview(recording)).changes);
      } catch (error) {
        return String(error);
      } finally {
        writeFileSync(file, before);
      }
    };
    const moved = await preview(({ demo }) => {
      demo.nutanix.controlPlaneEndpoint.host = "10.1.1.210";
    });
    assert.match(
      moved,
      /clusters\.demo\.nutanix\.controlPlaneEndpoint\.host: "10\.1\.1\.210" .*\(endpoint-is-immutable\)/,
    );
    const larger = ({ edge }: Record<string, any>) => {
      edge.controlPlane.memorySize = "16Gi";
    };
    assert.match(
      await preview(larger),
      /clusters\.edge\.controlPlane\.memorySize: .*\(control-plane-rollout-is-allowed\)/,
    );
    const allowed = await preview(({ edge }) => {
      larger({ edge });
      edge.allowControlPlaneRollout = true;
    });
    assert.match(allowed, /"update":1/);
  });

  it("scales workers in place", async () => {
    const before = await harness.read("ClusterDeployment", "demo");
    harness.changeSettings("dev", (settings) => {
      settings["clusters"].demo.workersNumber = 3;
    });
    const { changes } = await harness.engine.up(recording);
    const after = await harness.read("ClusterDeployment", "demo");
    assert.equal(changes.update, 1);
    assert.equal(changes.replace, undefined);
    assert.equal(after.metadata.uid, before.metadata.uid);
    assert.equal(((after.spec?.["config"] ?? {}) as { workersNumber?: number }).workersNumber, 3);
  });

  itRotatesLogins(harness, recording);

  it("adds a credential and a cluster in one change, in preview and in up", async () => {
    harness.addClusters("dev", { second: "10.1.1.202" });
    harness.changeSettings("dev", (settings) => {
      settings["credentials"].second = { username: "svc-second@example.com", generate: { revision: 1 } };
    });
    await harness.engine.preview(recording);
    const { changes } = await harness.engine.up(recording);
    assert.ok((changes.create ?? 0) > 5);
    assert.equal(changes.update, undefined);
  });

  itRotatesGeneratedPasswords(harness, recording);

  it("removes one cluster after its machines, and leaves the others", async function () {
    this.timeout(240_000);
    const machine = async () => {
      const metadata = { name: "second-md-sandbox", namespace: "kcm-system" };
      return harness.api.get({
        apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1",
        kind: "NutanixMachine",
        metadata,
      });
    };
    // Each cluster has a worker then whose virtual machine Prism Central does not delete.
    injectFailures(harness.sandbox.directory, ["vm-not-deleted"]);
    await eventually("a machine", machine);
    const demo = (await harness.read("ClusterDeployment", "demo")).metadata.uid;
    harness.changeSettings("dev", (settings) => {
      delete settings["clusters"].second;
      delete settings["credentials"].second;
    });
    let done = false;
    const removal = harness.engine.up(recording).finally(() => {
      done = true;
    });
    await eventually("its deletion", async () => (await machine())?.metadata.deletionTimestamp !== undefined || done);
    await sleep(3000);
    assert.equal(done, false, "the removal did not wait for the machine");
    // The login that deletes the virtual machine remains as long as the machine.
    await harness.read("ClusterDeployment", "second");
    await harness.read("Credential", "second-nutanix");
    await harness.read("Secret", "second-capx-credentials");
    clearFailures(harness.sandbox.directory);
    await removal;
    assert.equal(await machine(), undefined);
    assert.equal((await harness.read("ClusterDeployment", "demo")).metadata.uid, demo);
    assert.deepEqual(
      (await objectsLeft(harness.api)).filter((name) => /\/second(-|$)/.test(name)),
      [],
    );
  });

  itKeepsSecrets(harness, recording);

  it("is destroyed in order, and leaves no object and no finalizer", async () => {
    const order: string[] = [];
    await harness.engine.destroy({
      onEvent: ({ resOutputsEvent: done }) => {
        if (done?.metadata.op === "delete")
          order.push(`${done.metadata.type.split(":").at(-1)} ${done.metadata.urn.split("::").at(-1)}`);
      },
    });
    const position = (name: string) => order.indexOf(name);
    const steps = [
      "ClusterDeployment edge",
      "Credential edge-credential",
      "Management platform-management",
      "Release platform-capx",
      "Release platform-kcm",
      "Namespace platform-kcm-namespace",
    ];
    assert.deepEqual(
      steps.filter((step) => position(step) < 0),
      [],
      `order was ${order.join(", ")}`,
    );
    assert.deepEqual(
      [...steps].sort((one, other) => position(one) - position(other)),
      steps,
    );
    assert.deepEqual(await objectsLeft(harness.api), []);
  });
});
