import assert from "node:assert/strict";
import { EngineError } from "../../cli/engine/events.ts";
import { clearFailures, type InjectedFailure, injectFailures } from "../../sandbox/controllers/failures.ts";
import { type Harness, live, objectsLeft, readiness, startHarness } from "./harness.ts";

/** The reasons that a failed up gives, and how many seconds it took. */
async function failing(rig: Harness): Promise<{ reasons: string; seconds: number }> {
  const began = Date.now();
  const error = await rig.engine.up().then(
    () => assert.fail("the up did not fail"),
    (error: unknown) => error,
  );
  assert.ok(error instanceof EngineError, String(error));
  return { reasons: error.reasons.join("\n"), seconds: (Date.now() - began) / 1000 };
}

describe("kcm 1.11, whose templates and control planes have other fields, and controllers that do not do what is waited for", () => {
  let rig: Harness;

  before(async function () {
    rig = await startHarness(this, "failures", "1.11.4");
    rig.changeSettings("dev", (settings) => {
      Object.assign(settings["management"].timeouts, { management: 12, template: 10, credential: 6, cluster: 10 });
    });
  });
  after(async () => rig?.close());
  afterEach(() => clearFailures(rig.sandbox.directory));
  const fail = (...names: InjectedFailure[]) => injectFailures(rig.sandbox.directory, names);

  it("Management never ready: fails in its time, and says which provider and why", async () => {
    fail("management-never-ready");
    const { reasons, seconds } = await failing(rig);
    assert.match(reasons, /Management kcm is not ready: .*component cluster-api-provider-nutanix: /s);
    assert.ok(seconds < 60, `${seconds} s`);
  });

  it("the next up goes on, with a Release of that line and both clusters ready, and leaves nothing to do", async () => {
    const { outputs } = await rig.engine.up();
    const { clusters } = outputs as { clusters: Record<string, { ready: boolean }> };
    assert.deepEqual(
      Object.entries(clusters).map(([name, { ready }]) => [name, ready]),
      [
        ["demo", true],
        ["edge", true],
      ],
    );
    assert.equal((await live(rig.api, "Management", "kcm")).spec?.["release"], "kcm-1-11-4");
    assert.deepEqual((await rig.engine.up()).touched, []);
    assert.deepEqual(Object.keys((await rig.engine.refresh()).changes), ["same"]);
    assert.deepEqual((await rig.engine.preview()).touched, []);
  });

  it("is destroyed, and leaves nothing behind", async () => {
    await rig.destroyAll();
    assert.deepEqual(await objectsLeft(rig.api), []);
  });

  it("Management that says Ready before it has looked: is waited for all the same", async () => {
    fail("management-premature-ready");
    const { changes } = await rig.engine.up();
    assert.deepEqual(Object.keys(changes), ["create"]);
    assert.ok((changes.create ?? 0) > 25);
    const { status } = await live(rig.api, "Management", "kcm");
    const { components } = (status ?? {}) as { components: Record<string, { success: boolean }> };
    assert.equal(components["cluster-api-provider-nutanix"]?.success, true);
  });

  it("a Credential that is refused: says so, and sends no cluster", async () => {
    fail("credential-rejected");
    rig.changeSettings("dev", (settings) => {
      const { edge } = settings["clusters"];
      settings["clusters"].third = {
        ...edge,
        nutanix: { ...edge.nutanix, controlPlaneEndpoint: { host: "10.1.1.203" } },
      };
      settings["credentials"].third = settings["credentials"].edge;
    });
    const { reasons } = await failing(rig);
    assert.match(reasons, /Credential third-nutanix is not ready: /);
    await assert.rejects(live(rig.api, "ClusterDeployment", "third"));
  });

  it("a ClusterDeployment that fails: says which condition, with the controller's words", async () => {
    fail("cluster-deployment-failed");
    const { reasons } = await failing(rig);
    assert.match(reasons, /ClusterDeployment third is not ready: .*condition HelmReleaseReady is False \(/s);
  });

  it("and when all is well again, the next up finishes the work", async () => {
    await rig.engine.up();
    assert.equal(readiness(await live(rig.api, "ClusterDeployment", "third")), "True");
    assert.deepEqual(Object.keys((await rig.engine.up()).changes), ["same"]);
  });
});
