import assert from "node:assert/strict";
import { live, objectsLeft, type Rig, startRig } from "./rig.ts";

describe("the stack dev on kcm 1.11, whose templates and control planes have other fields", () => {
  let rig: Rig;

  before(async function () {
    rig = await startRig(this, "newer-line", "1.11.4");
  });
  after(async () => rig?.close());

  it("comes up in one run, with both clusters ready", async () => {
    const { changes, outputs } = await rig.engine.up();
    assert.deepEqual(Object.keys(changes), ["create"]);
    const { clusters } = outputs as { clusters: Record<string, { ready: boolean }> };
    assert.deepEqual(
      Object.entries(clusters).map(([name, { ready }]) => [name, ready]),
      [
        ["demo", true],
        ["edge", true],
      ],
    );
  });

  it("has a Release of that line", async () => {
    const management = await live(rig.api, "Management", "kcm");
    assert.equal(management.spec?.["release"], "kcm-1-11-4");
  });

  it("has nothing left to do, in an up and after a refresh", async () => {
    assert.deepEqual((await rig.engine.up()).touched, []);
    assert.deepEqual(Object.keys((await rig.engine.refresh()).changes), ["same"]);
    assert.deepEqual((await rig.engine.preview()).touched, []);
  });

  it("leaves nothing behind", async () => {
    await rig.emptied();
    assert.deepEqual(await objectsLeft(rig.api), []);
  });
});
