import assert from "node:assert/strict";
import { EngineError } from "../../../cli/engine/events.ts";
import { clearFailures, type InjectedFailure, injectFailures } from "../../../sandbox/controllers/failures.ts";
import { type Harness, objectsLeft, useHarness } from "./harness.ts";

/** The reasons of a failed up, and its seconds. */
async function failedUp(harness: Harness): Promise<{ reasons: string; seconds: number }> {
  const start = Date.now();
  const error = await harness.engine.up().then(
    () => assert.fail("the up did not fail"),
    (error: unknown) => error,
  );
  assert.ok(error instanceof EngineError, String(error));
  return { reasons: error.reasons.join("\n"), seconds: (Date.now() - start) / 1000 };
}

describe("a stack on kcm 1.11 whose controllers fail", () => {
  const harness = useHarness("failures", { kcmVersion: "1.11.4" });

  before(async () => {
    harness.changeSettings("dev", (settings) => {
      Object.assign(settings["management"].timeouts, { management: 12, template: 10, credential: 6, cluster: 10 });
    });
  });
  afterEach(() => clearFailures(harness.sandbox.directory));
  const fail = (...names: InjectedFailure[]) => injectFailures(harness.sandbox.directory, names);

  it("fails within the timeout where Management is never ready, and names the provider and its error", async () => {
    fail("management-never-ready");
    const { reasons, seconds } = await failedUp(harness);
    assert.match(reasons, /Management kcm is Failed: component cluster-api-provider-nutanix: /);
    assert.ok(seconds < 60, `${seconds} s`);
  });

  it("finishes with the next up: a Release of that line, both clusters ready, nothing to do", async () => {
    await harness.engine.up();
    for (const name of ["demo", "edge"]) assert.equal(await harness.readiness(name), "True", name);
    assert.equal((await harness.read("Management", "kcm")).spec?.["release"], "kcm-1-11-4");
    await harness.assertUnchanged();
  });

  it("is destroyed, and leaves no object", async () => {
    await harness.destroyAll();
    assert.deepEqual(await objectsLeft(harness.api), []);
  });

  it("waits for the components of a Management that is ready too early", async () => {
    fail("management-premature-ready");
    const { changes } = await harness.engine.up();
    assert.deepEqual(Object.keys(changes), ["create"]);
    assert.ok((changes.create ?? 0) > 25);
    const { status } = await harness.read("Management", "kcm");
    const { components } = (status ?? {}) as { components: Record<string, { success: boolean }> };
    assert.equal(components["cluster-api-provider-nutanix"]?.success, true);
  });

  it("names a Credential that is not ready, and creates no ClusterDeployment", async () => {
    fail("credential-rejected");
    harness.addClusters("dev", { third: "10.1.1.203" });
    const { reasons } = await failedUp(harness);
    assert.match(reasons, /Credential third-nutanix is Failed: CredentialReady \(Failed\): /);
    await assert.rejects(harness.read("ClusterDeployment", "third"));
  });

  it("names the condition of a ClusterDeployment that fails, with the controller's message", async () => {
    fail("cluster-deployment-failed");
    const { reasons } = await failedUp(harness);
    assert.match(
      reasons,
      /ClusterDeployment third is Failed: HelmReleaseReady \(InstallFailed\): Helm install failed /,
    );
  });

  it("finishes with the next up after the failures are cleared", async () => {
    await harness.engine.up();
    assert.equal(await harness.readiness("third"), "True");
    assert.deepEqual(Object.keys((await harness.engine.up()).changes), ["same"]);
  });
});
