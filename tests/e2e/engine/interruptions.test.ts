import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { mend } from "../../../cli/engine/recover-state.ts";
import { startApiServer, stopApiServer } from "../../../sandbox/sandbox-cluster.ts";
import { objectsLeft, useHarness } from "./harness.ts";

const FIRST_OBJECTS = 10;
/** Long enough for most objects to exist, too short for the engine to record all of them. */
const DELAY_MS = 120;

describe("an up that is interrupted", () => {
  const harness = useHarness("interruptions");

  /** Runs an up, or a destroy, and kills it and its children shortly after it starts on a resource not in `seen`. */
  async function killAfterNext(seen: Set<string>, verb: "up" | "destroy" = "up"): Promise<string | undefined> {
    const words = [
      join(import.meta.dirname, "run-up.ts"),
      harness.folder,
      harness.tools.pulumi,
      harness.tools.helm,
      verb,
    ];
    const child = spawn(process.execPath, words, { detached: true, stdio: ["ignore", "pipe", "ignore"] });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    let next: string | undefined;
    for await (const urn of createInterface({ input: child.stdout })) {
      // Components and providers are not objects: nothing of theirs is half done.
      if (seen.has(urn) || /::(k0rdent-nutanix:index:\w+|pulumi:pulumi:Stack|pulumi:providers:\w+)::/.test(urn))
        continue;
      next = urn;
      seen.add(urn);
      await sleep(DELAY_MS);
      process.kill(-(child.pid ?? 0), "SIGKILL");
      break;
    }
    await ended;
    return next;
  }

  it(`killed after each of its first ${FIRST_OBJECTS} objects continues, and finishes`, async function () {
    this.timeout(400_000);
    const seen = new Set<string>();
    const recovered: string[] = [];
    for (let round = 0; round < FIRST_OBJECTS; round += 1) {
      const killed = await killAfterNext(seen);
      assert.ok(killed !== undefined, `round ${round}: the up ended before the kill`);
      recovered.push(...(await mend(harness.engine, harness.sandbox.kubeconfig)));
    }
    await harness.engine.up();
    assert.ok(recovered.length > 0, "nothing was recovered");
    for (const sentence of recovered) assert.match(sentence, /^\S.*[a-z]/);
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
    await mend(harness.engine, harness.sandbox.kubeconfig);
    await harness.engine.up();
    assert.deepEqual(Object.keys((await harness.engine.up()).changes), ["same"]);
  });

  it("finishes a destroy that was killed after its first objects, and leaves no object", async function () {
    this.timeout(240_000);
    const seen = new Set<string>();
    for (const round of [1, 2]) {
      const killed = await killAfterNext(seen, "destroy");
      assert.ok(killed !== undefined, `round ${round}: the destroy ended before the kill`);
      await mend(harness.engine, harness.sandbox.kubeconfig);
    }
    await harness.engine.destroy();
    assert.deepEqual(await objectsLeft(harness.api), []);
  });
});
