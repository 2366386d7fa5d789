import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { hasPendingRelease, interruptedRun, readState } from "../../../cli/engine/state.ts";
import { startApiServer, stopApiServer } from "../../../sandbox/sandbox-cluster.ts";
import { objectsLeft, useHarness } from "./harness.ts";

const ROUNDS = 4;
/** Long enough for most objects to exist, too short for the engine to record all of them. */
const DELAY_MS = 120;

describe("an interrupted run", () => {
  const harness = useHarness("interruptions");

  /** Runs an up, or a destroy, and kills it and its children shortly after it starts on the nth object. */
  async function killAfter(count: number, verb: "up" | "destroy" = "up"): Promise<void> {
    const words = [join(import.meta.dirname, "run-up.ts"), harness.folder, JSON.stringify(harness.tools), verb];
    const child = spawn(process.execPath, words, { detached: true, stdio: ["ignore", "pipe", "ignore"] });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const seen = new Set<string>();
    for await (const urn of createInterface({ input: child.stdout })) {
      // Components and providers are not objects: nothing of theirs is half done.
      if (/::(k0rdent-nutanix:index:\w+|pulumi:pulumi:Stack|pulumi:providers:\w+)::/.test(urn)) continue;
      seen.add(urn);
      if (seen.size < count) continue;
      await sleep(DELAY_MS);
      process.kill(-(child.pid ?? 0), "SIGKILL");
      break;
    }
    await ended;
    assert.equal(seen.size, count, `the ${verb} ended before the kill`);
  }

  it("is found after a kill at any object, and the next up finishes on a sandbox and state that are recreated", async function () {
    this.timeout(400_000);
    for (let round = 0; round < ROUNDS; round += 1) {
      await killAfter(1 + 3 * round);
      assert.match((await interruptedRun(harness.engine)) ?? "", /^process \d+ was killed during a run$/);
      await harness.recreate();
      assert.equal(await interruptedRun(harness.engine), undefined);
      assert.deepEqual((await readState(harness.engine)).resources ?? [], []);
    }
    await harness.engine.up();
    assert.equal(await hasPendingRelease(harness.sandbox.kubeconfig), false);
    assert.deepEqual(Object.keys((await harness.engine.up()).changes), ["same"]);
    const names = await objectsLeft(harness.api);
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
      "an object exists twice",
    );
  });

  it("finishes after the API server was killed in the middle and started again", async function () {
    this.timeout(240_000);
    const endpoints = [10, 11, 12, 13, 14, 15].map((host) => [`more-${host}`, `10.1.2.${host}`]);
    harness.addClusters("dev", Object.fromEntries(endpoints));
    let created = 0;
    const stopped: Promise<void>[] = [];
    await assert.rejects(
      harness.engine.up({
        onEvent: ({ resOutputsEvent: done }) => {
          if (done?.metadata.op !== "create") return;
          created += 1;
          if (created === 12) stopped.push(stopApiServer(harness.sandbox.directory));
        },
      }),
    );
    await Promise.all(stopped);
    await startApiServer(harness.sandbox.directory);
    assert.equal(await interruptedRun(harness.engine), undefined);
    await harness.engine.up();
    assert.deepEqual(Object.keys((await harness.engine.up()).changes), ["same"]);
  });

  it("is found after a killed destroy, and a recreated sandbox holds no object of the stack", async function () {
    this.timeout(240_000);
    await killAfter(2, "destroy");
    assert.notEqual(await interruptedRun(harness.engine), undefined);
    await harness.recreate();
    assert.deepEqual(await objectsLeft(harness.api), []);
  });
});
