import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RandomPassword, type RandomPasswordArgs } from "@pulumi/random/randomPassword.js";
import { type Engine, openEngine } from "../../../cli/engine/engine.ts";
import { requireTools } from "../../support/skip.ts";

describe("the random plugin", function () {
  this.timeout(60_000);
  let folder: string;
  let engine: Engine;
  let args: RandomPasswordArgs = { length: 20, special: false };

  before(async function () {
    const { pulumi } = await requireTools(this, ["pulumi"]);
    folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-random-"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: demo\nruntime: nodejs\n");
    const program = async () => ({ password: new RandomPassword("one", args).result });
    // The path stands for the Kubernetes plugin, which this program does not use.
    const tools = { pulumi, "pulumi-resource-kubernetes": pulumi };
    engine = await openEngine({ stack: "dev", tools, workDir: folder, local: join(folder, ".local"), program });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const password = async (): Promise<string> => (await engine.outputs())["password"]?.value;

  it("generates a password once, as a secret that the state holds encrypted", async () => {
    assert.deepEqual((await engine.preview()).changes, { create: 2 });
    const { outputs } = await engine.up();
    const value = await password();
    assert.match(value, /^[A-Za-z0-9]{20}$/);
    assert.deepEqual(outputs, { password: "[secret]" });
    assert.doesNotMatch(
      readFileSync(join(folder, ".local/state/.pulumi/stacks/demo/dev.json"), "utf8"),
      new RegExp(value),
    );
    assert.deepEqual((await engine.up()).changes, { same: 2 });
    assert.deepEqual((await engine.refresh()).changes, { same: 2 });
    assert.equal(await password(), value);
  });

  it("replaces it where its keepers change", async () => {
    const value = await password();
    args = { ...args, keepers: { revision: "2" } };
    assert.deepEqual((await engine.up()).changes, { same: 1, replace: 1 });
    assert.notEqual(await password(), value);
  });

  it("deletes it", async () => {
    assert.equal((await engine.destroy()).changes.delete, 2);
  });
});
