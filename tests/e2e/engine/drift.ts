import assert from "node:assert/strict";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import type { Harness } from "./harness.ts";

/** Drift of a running stack: fields of controllers are none, and each edited field of ours is named. */
export function itNamesDrift(harness: Harness): void {
  it("finds no drift in fields of controllers, and names each field of ours that another one edits", async function () {
    this.timeout(240_000);
    /** Output and changes of a preview with refresh. */
    const drift = async () => {
      const options = { refresh: true, diff: true, color: "never" as const };
      const { stdout, changeSummary } = await harness.inFolder(() => harness.engine.automation.preview(options));
      return { stdout, changes: Object.keys(changeSummary).filter((operation) => operation !== "same") };
    };
    const deployment = await harness.read("ClusterDeployment", "demo");
    const credential = await harness.read("Credential", "demo-nutanix");
    const secret = await harness.read("Secret", "demo-nutanix-identity");
    const owned = await harness.read("Secret", "edge-capx-credentials");

    const marker = { labels: { "example.com/seen": "yes" }, annotations: { "example.com/by": "a controller" } };
    for (const object of [deployment, credential, secret, owned])
      await harness.editAs("manager", object, { metadata: marker });
    await harness.editAs("manager", owned, {
      metadata: { finalizers: [...(owned.metadata.finalizers ?? []), "example.com/kept"] },
    });
    await harness.editAs("manager", deployment, {
      spec: { propagateCredentials: false, serviceSpec: { priority: 100 } },
    });
    const { changes, stdout } = await drift();
    assert.deepEqual(changes, [], stdout);
    await harness.editAs("manager", owned, { metadata: { finalizers: owned.metadata.finalizers ?? [] } });

    // Who edits a field becomes its owner: Pulumi names object, field manager and field, and forces nothing.
    const edits: [KubernetesObject, object, RegExp][] = [
      [deployment, { spec: { config: { workersNumber: 7 } } }, /\.spec\.config\.workersNumber/],
      [credential, { spec: { description: "edited by hand" } }, /\.spec\.description/],
      [secret, { data: { credentials: Buffer.from("edited by hand").toString("base64") } }, /\.data\.credentials/],
    ];
    for (const [object, edit, field] of edits) {
      const { name } = object.metadata;
      await harness.editAs("kubectl-edit", object, edit);
      await assert.rejects(drift(), (error: Error) => {
        assert.match(error.message, new RegExp(`"kcm-system/${name}"|${name} `), name);
        assert.match(error.message, /conflict with "kubectl-edit"/, name);
        assert.match(error.message, field, name);
        return true;
      });
      // Restored, without an owner: else the next change of the field would conflict again.
      const { spec, data } = object;
      await harness.editAs("kubectl-edit", object, { spec, data, metadata: { managedFields: [{}] } });
    }
    assert.deepEqual((await drift()).changes, []);
  });
}
