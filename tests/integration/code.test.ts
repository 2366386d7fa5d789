import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";

const PROJECT = join(import.meta.dirname, "../..");
const TYPES_CACHE = "node_modules/.cache/k0rdent-nutanix/types.tsbuildinfo";

async function passes(script: string, ...parameters: string[]): Promise<void> {
  const { exitCode, all } = await execa(process.execPath, [join(PROJECT, "node_modules", script), ...parameters], {
    cwd: PROJECT,
    all: true,
    reject: false,
  });
  assert.equal(exitCode, 0, all);
}

describe("the code", function () {
  // A first type check computes for half a minute, next to other suites.
  this.timeout(600_000);

  it("passes lint", () => passes("@biomejs/biome/bin/biome", "check", "--max-diagnostics=50", "."));
  it("passes the type check", () =>
    passes("typescript/bin/tsc", "--project", ".", "--incremental", "--tsBuildInfoFile", TYPES_CACHE));
});
