import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { mend } from "../../cli/engine/recover-state.ts";
import { startApiServer, stopApiServer } from "../../sandbox/sandbox-cluster.ts";
import { type Harness, objectsLeft, startHarness } from "./harness.ts";

const FIRST_OBJECTS = 10;
/** Long enough for most objects to be there, too short for the engine to have noted all of them. */
const DELAY_MS = 120;

describe("an up that is interrupted", () => {
  let rig: Harness;

  before(async function () {
    rig = await startHarness(this, "interruptions");
  });
  after(async () => rig?.close());

  /** Runs an up, or a destroy, and kills it, with everything that it started, shortly after a resource not in `seen` begins. */
  async function killAfterNext(seen: Set<string>, verb: "up" | "destroy" = "up"): Promise<string | undefined> {
    const words = [join(import.meta.dirname, "run-up.ts"), rig.folder, rig.tools.pulumi, rig.tools.helm, verb];
    const child = spawn(process.execPath, words, { detached: true, stdio: ["ignore", "pipe", "ignore"] });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    let next: string | undefined;
    for await (const urn of createInterface({ input: child.stdout })) {
      // Components and providers are no objects: nothing of theirs is half done.
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

  it(`killed after each of its first ${FIRST_OBJECTS} objects: the next one goes on, and the last one finishes`, async function () {
    this.timeout(400_000);
    const seen = new Set<string>();
    const repaired: string[] = [];
    for (let round = 0; round < FIRST_OBJECTS; round += 1) {
      const killed = await killAfterNext(seen);
      assert.ok(killed !== undefined, `round ${round}: the up ended before it could be killed`);
      repaired.push(...(await mend(rig.engine, rig.sandbox.kubeconfig)));
    }
    await rig.engine.up();
    assert.ok(repaired.length > 0, "nothing had to be repaired");
    for (const sentence of repaired) assert.match(sentence, /^\S.*[a-z]/);
    assert.deepEqual(Object.keys((await rig.engine.up()).changes), ["same"]);
    const names = await objectsLeft(rig.api);
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
      "something is there twice",
    );
  });

  it("the API server killed in the middle and started again: the next up finishes", async function () {
    this.timeout(240_000);
    rig.changeSettings("dev", (settings) => {
      const { edge } = settings["clusters"];
      for (let index = 0; index < 6; index += 1) {
        settings["clusters"][`more-${index}`] = {
          ...edge,
          nutanix: { ...edge.nutanix, controlPlaneEndpoint: { host: `10.1.2.${index + 10}` } },
          credential: "edge",
        };
      }
    });
    let created = 0;
    const stopped: Promise<void>[] = [];
    await assert.rejects(
      rig.engine.up({
        onEvent: ({ resOutputsEvent: done }) => {
          if (done?.metadata.op !== "create") return;
          created += 1;
          if (created === 12) stopped.push(stopApiServer(rig.sandbox.directory));
        },
      }),
    );
    await Promise.all(stopped);
    await startApiServer(rig.sandbox.directory);
    await mend(rig.engine, rig.sandbox.kubeconfig);
    await rig.engine.up();
    assert.deepEqual(Object.keys((await rig.engine.up()).changes), ["same"]);
  });

  it("a destroy killed after its first objects is finished by the next, and leaves nothing", async function () {
    this.timeout(240_000);
    const seen = new Set<string>();
    for (const round of [1, 2]) {
      const killed = await killAfterNext(seen, "destroy");
      assert.ok(killed !== undefined, `round ${round}: the destroy ended before it could be killed`);
      await mend(rig.engine, rig.sandbox.kubeconfig);
    }
    await rig.engine.destroy();
    assert.deepEqual(await objectsLeft(rig.api), []);
  });
});
