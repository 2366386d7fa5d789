import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { useHarness } from "./harness.ts";

/** The guide's `spec.config` bodies, word for word. */
const bodyOf = (mode: string) =>
  parse(readFileSync(join(import.meta.dirname, `../../fixtures/seed-${mode}.yaml`), "utf8"));
const MODES = ["hcp", "standalone"] as const;

describe("the guide's two examples in a stack file", () => {
  const harness = useHarness("seed");
  before(async () => {
    const bodies = MODES.map((mode) => [`nutanix-${mode}-demo`, { mode, ...bodyOf(mode) }]);
    harness.changeSettings("dev", (settings) => {
      settings["clusters"] = Object.fromEntries(bodies);
      // The one that both bodies name.
      settings["prismCentral"].address = "10.1.1.100";
    });
  });

  it("become clusters, and the next up has nothing to do", async () => {
    await harness.engine.up();
    for (const mode of MODES) {
      const name = `nutanix-${mode}-demo`;
      assert.equal(await harness.readiness(name), "True", mode);
      const config = (await harness.read("ClusterDeployment", name)).spec?.["config"] as Record<string, unknown>;
      assert.deepEqual(config["machineDefaults"], bodyOf(mode).machineDefaults, mode);
    }
    assert.deepEqual((await harness.engine.up()).touched, []);
  });
});
