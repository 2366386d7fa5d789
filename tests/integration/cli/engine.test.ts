import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pulumi from "@pulumi/pulumi";
import { type Engine, openEngine } from "../../../cli/engine/engine.ts";
import { readState, removeState } from "../../../cli/engine/state.ts";
import type { ToolPaths } from "../../../sandbox/ensure-tools.ts";
import { requireTools } from "../../support/skip.ts";

/** The first line is a comment that must stay; the passphrase is the public one. */
const SETTINGS = `# mine
encryptionsalt: v1:7G46aPyRGro=:v1:ibkddvLXtjgqnHfs:VF8PD4paatRgtDeVa4avANiRxgPKJQ==
config:
  demo:word:   "plain" # kept as it is
`;

class Part extends pulumi.ComponentResource {
  constructor(name: string) {
    super("demo:index:Part", name);
  }
}

describe("the engine", function () {
  this.timeout(60_000);
  let tools: ToolPaths<"pulumi">;
  let folder: string;
  const home = process.env["HOME"];

  before(async function () {
    tools = await requireTools(this, ["pulumi"]);
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-engine-"));
    process.env["HOME"] = join(folder, "home");
    writeFileSync(join(folder, "Pulumi.yaml"), "name: demo\nruntime: nodejs\n");
    writeFileSync(join(folder, "Pulumi.dev.yaml"), SETTINGS);
  });
  afterEach(() => {
    process.env["HOME"] = home;
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (program: pulumi.automation.PulumiFn): Promise<Engine> =>
    openEngine({ stack: "dev", tools, workDir: folder, local: join(folder, ".local"), program });
  it("runs a program, masks its secrets, and touches neither the stack's settings nor the user's own Pulumi", async () => {
    const engine = await open(async () => {
      new Part("one");
      return { word: new pulumi.Config().get("word"), hidden: { deep: pulumi.secret("hush"), plain: 1 } };
    });
    const first = await engine.up();
    assert.deepEqual(first.changes, { create: 2 });
    assert.deepEqual((first.outputs as { word: string }).word, "plain");
    assert.doesNotMatch(JSON.stringify(first.outputs), /hush/);
    assert.deepEqual((await engine.up()).changes, { same: 2 });
    assert.equal(readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8"), SETTINGS);
    assert.ok(!existsSync(join(folder, "home")));
    const state = readFileSync(join(folder, ".local/state/.pulumi/stacks/demo/dev.json"), "utf8");
    assert.doesNotMatch(state, /hush/);
    assert.equal((await engine.destroy()).changes.delete, 2);
    await engine.remove();
    assert.equal(readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8"), SETTINGS);
  });

  it("fails in the program's own words", async () => {
    const engine = await open(async () => {
      throw new pulumi.RunError("clusters.edge: is wrong; mend it");
    });
    await assert.rejects(engine.up(), { name: "EngineError", message: "clusters.edge: is wrong; mend it" });
  });

  it("previews without writing", async () => {
    const engine = await open(async () => void new Part("one"));
    assert.deepEqual((await engine.preview()).changes, { create: 2 });
    assert.deepEqual((await engine.up()).changes, { create: 2 });
  });

  it("stops when it is interrupted, and goes on with the next run", async () => {
    const stop = new AbortController();
    let isSlow = true;
    const engine = await open(async () => {
      new Part("one");
      stop.abort();
      if (isSlow) await new Promise((resolve) => setTimeout(resolve, 1000));
      else new Part("two");
    });
    await assert.rejects(engine.up({ signal: stop.signal }), { name: "AbortError" });
    isSlow = false;
    const { changes } = await engine.up();
    assert.equal((changes.create ?? 0) + (changes.same ?? 0), 3);
  });

  it("starts over where its state is removed", async () => {
    const program = async () => void new Part("one");
    const engine = await open(program);
    await engine.up();
    assert.equal((await readState(engine)).resources?.length, 2);
    // A killed run leaves such a file, and the backend reads no state beside it.
    writeFileSync(join(folder, ".local/state/.pulumi/stacks/demo/dev.json.attrs"), "");
    await removeState(engine);
    assert.deepEqual((await (await open(program)).preview()).changes, { create: 2 });
  });
});
