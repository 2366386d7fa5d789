import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selectStacks } from "../../../cli/engine/run-fleet.ts";
import { fleetStatusTable } from "../../../cli/output/fleet-view.ts";

describe("the stacks of a fleet", () => {
  const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-fleet-"));
  after(() => rmSync(folder, { recursive: true }));

  it("are the named ones, each once, or all", () => {
    assert.throws(
      () => selectStacks([], folder),
      /there is no stack file in \S+; set --cwd to the folder of a project/,
    );
    for (const stack of ["a", "b"]) writeFileSync(join(folder, `Pulumi.${stack}.yaml`), "config: {}\n");
    assert.deepEqual(selectStacks(["b", "b"], folder), ["b"]);
    assert.deepEqual(selectStacks([], folder), ["a", "b"]);
    assert.throws(() => selectStacks(["a", "x"], folder), /"x" has no stack file in \S+; name one of: a, b/);
  });

  it("are a table with what the state of each has", () => {
    const outputs = { clusters: { one: { ready: true }, two: {} }, capacity: { machines: 4, vcpus: 8, memoryGib: 16 } };
    const history = [{ result: "succeeded", endTime: "2026-11-29T02:55:32.000Z" }];
    const lines = fleetStatusTable([{ stack: "a", outputs, history }]).split("\n");
    assert.match(lines[1] ?? "", /^ ?a +1\/2 +4 +8 +16 GiB +2026-11-29 02:55:32Z succeeded$/);
    assert.equal(lines.at(-1), "1 stack: 1 of 2 clusters ready, 4 machines, 8 vCPUs, 16 GiB");
    assert.match(fleetStatusTable([{ stack: "a" }, { stack: "b" }]), /never[\s\S]*\n2 stacks: 0 of 0 clusters/);
  });
});
