import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { layoutOf } from "../../../sandbox/cluster/layout.ts";
import { clusterTests } from "./cluster-controllers.ts";
import { directory, useSandbox } from "./controllers-fixture.ts";
import { platformTests } from "./platform-controllers.ts";

describe("the sandbox's controllers", function () {
  // On a busy machine dozens of definitions take minutes to go.
  this.timeout(480_000);
  useSandbox();
  platformTests();
  clusterTests();

  it("never gave KWOK a Stage whose kind it could not play yet, which it would have left at that", () => {
    const log = readFileSync(join(layoutOf(directory).cluster, "logs", "kwok-controller.log"), "utf8");
    assert.match(log, /Start stage controller/);
    assert.deepEqual(
      log.split("\n").filter((line) => line.includes("failed to start controller")),
      [],
    );
  });
});
