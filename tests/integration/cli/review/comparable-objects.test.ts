import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { objectsOf } from "../../../../cli/review/comparable-objects.ts";
import { keyOf } from "../../../../cli/review/object-diffs.ts";
import { readStackVersion } from "../../../../cli/review/stack-version.ts";
import { PROJECT } from "../../../../cli/stack/paths.ts";
import { type RenderedObject, renderStack } from "../../../../cli/stack/render-stack.ts";
import { repository } from "./repository.ts";

/** What a review compares, and what the program would write, of one stack file. */
async function bothOf(place: { stack: string; workDir: string }): Promise<[RenderedObject[], RenderedObject[]]> {
  const side = await readStackVersion(place);
  assert.ok(side?.stack);
  const { objects } = await renderStack(place);
  return [objectsOf({ ...side, stack: side.stack }), objects];
}

/** What custom resources ask for: components add their marks beside it, and paths and digests of charts to releases. */
function specs(objects: readonly RenderedObject[]): Record<string, unknown> {
  const asking = objects.filter(({ kind, spec }) => kind !== "Release" && spec !== undefined);
  return Object.fromEntries(asking.map((object) => [keyOf(object), object["spec"]]));
}

describe("the objects that a review compares", function () {
  this.timeout(60_000);

  it("are those that the program writes, of the stack dev", async () => {
    const [compared, written] = await bothOf({ stack: "dev", workDir: PROJECT });
    assert.deepEqual(compared.map(keyOf).sort(), written.map(keyOf).sort());
    assert.deepEqual(specs(compared), specs(written));
  });

  it("are those that the program writes, of a stack with encrypted logins", async () => {
    const repo = repository(readFileSync(join(PROJECT, "docs", "guides", "review", "before.yaml"), "utf8"));
    try {
      const [compared, written] = await bothOf({ stack: "shop", workDir: repo.folder });
      assert.deepEqual(compared.map(keyOf).sort(), written.map(keyOf).sort());
      assert.deepEqual(specs(compared), specs(written));
    } finally {
      repo.remove();
    }
  });
});
