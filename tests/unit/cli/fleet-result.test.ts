import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runFleet, type StackRun } from "../../../cli/engine/fleet.ts";

describe("the result file of a fleet", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fleet-result-"));
    file = join(folder, "result.json");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (isResumed: boolean, result = file) =>
    runFleet({
      ...{ verb: "up", workDir: folder, stacks: [{ name: "one", backend: "user" }], concurrency: 1, isResumed },
      file: result,
      rejected: { one: ["not in this test"] },
      tools: { pulumi: "/nowhere" },
      signal: new AbortController().signal,
      onChange: () => undefined,
    });
  const runsIn = () => (JSON.parse(readFileSync(file, "utf8")) as { runs: StackRun[] }).runs;

  for (const [what, text] of Object.entries({
    "a file of another program": '{"name": "k0rdent-nutanix"}',
    "half a file": '{"verb": "up", "runs": [',
    "an empty file": "",
  }))
    it(`is never written over ${what}`, async () => {
      writeFileSync(file, text);
      for (const isResumed of [false, true])
        await assert.rejects(
          run(isResumed),
          new RegExp(`^Failure: --result: "${file}" is not the result of a fleet run; name another file, or move`),
        );
      assert.equal(readFileSync(file, "utf8"), text);
    });

  it("may be a device", async () => {
    assert.equal((await run(true, "/dev/null")).length, 1);
  });

  it("replaces the one of an earlier run", async () => {
    for (const isResumed of [false, true]) await run(isResumed);
    assert.deepEqual(runsIn(), [{ stack: "one", state: "failed", reasons: ["not in this test"] }]);
  });
});
