import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type Harness, live, readiness, startHarness } from "./harness.ts";

/** The guide's `spec.config` bodies, word for word. */
const bodyOf = (mode: string) =>
  parse(readFileSync(join(import.meta.dirname, `../fixtures/seed-${mode}.yaml`), "utf8"));
const MODES = ["hcp", "standalone"] as const;

describe("the guide's two examples in a stack file", () => {
  let rig: Harness;
  before(async function () {
    rig = await startHarness(this, "seed");
    const bodies = MODES.map((mode) => [`nutanix-${mode}-demo`, { mode, ...bodyOf(mode) }]);
    rig.changeSettings("dev", (settings) => {
      settings["clusters"] = Object.fromEntries(bodies);
      // The one that both bodies name.
      settings["prismCentral"].address = "10.1.1.100";
    });
  });
  after(async () => rig?.close());

  it("become clusters, and the next up has nothing to do", async () => {
    await rig.engine.up();
    for (const mode of MODES) {
      const deployment = await live(rig.api, "ClusterDeployment", `nutanix-${mode}-demo`);
      assert.equal(readiness(deployment), "True", mode);
      // What the body says reaches kcm.
      const config = deployment.spec?.["config"] as Record<string, unknown>;
      assert.deepEqual(config["machineDefaults"], bodyOf(mode).machineDefaults, mode);
    }
    assert.deepEqual((await rig.engine.up()).touched, []);
  });
});
