import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

const PROJECT = join(import.meta.dirname, "../..");
const SKIP = JSON.stringify(join(PROJECT, "tests/support/skip.ts"));

const TESTS = {
  "skipping.test.ts": `
    import { skip } from ${SKIP};
    it("passes", () => {});
    describe("two", () => {
      before(function () { skip(this, "no tool"); });
      it("is skipped", () => {});
      it("is skipped too", () => {});
    });
    it("is skipped in itself", function () { skip(this, "no file"); });
  `,
  "failing.test.ts": `it("fails", () => { throw new Error("the reason"); });`,
  "unloadable.test.ts": `throw new Error("not to be loaded");`,
};

describe("npm test", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-reporter-"));
    mkdirSync(join(folder, "tests"));
    for (const name of [".mocharc.yaml", "package.json", "node_modules", "tests/support"])
      symlinkSync(join(PROJECT, name), join(folder, name));
    for (const [file, text] of Object.entries(TESTS)) writeFileSync(join(folder, "tests", file), text);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = async (parameters: readonly string[], env: Record<string, string> = {}) => {
    const { exitCode, all } = await execa(process.execPath, [join(PROJECT, "tests/run.ts"), ...parameters], {
      ...{ cwd: folder, all: true, reject: false },
      env: { K0RDENT_NUTANIX_NO_SKIP: "", ...env },
    });
    return { exitCode, all, lines: all.split("\n") };
  };

  for (const mode of ["--parallel", "--no-parallel"]) {
    it(`prints the reasons of skips, and the counts as the last line (${mode})`, async () => {
      const { exitCode, lines } = await run(["skipping", mode]);
      assert.deepEqual(lines.slice(-3), ["skipped 1: no file", "skipped 2: no tool", "1 passed, 0 failed, 3 skipped"]);
      assert.equal(exitCode, 0);
    });
  }

  it("fails where a test is skipped that must not be", async () => {
    const { exitCode, lines } = await run(["skipping"], { K0RDENT_NUTANIX_NO_SKIP: "1" });
    assert.match(lines.at(-1) ?? "", /^1 passed, 2 failed/);
    assert.notEqual(exitCode, 0);
  });

  it("fails with a failed test and with a file that cannot be loaded, whose reasons stand at the end", async () => {
    const { exitCode, lines, all } = await run([]);
    assert.equal(lines.at(-1), "1 passed, 2 failed, 3 skipped");
    assert.match(all, /the reason[\s\S]*not to be loaded/);
    assert.equal(exitCode, 2);
  });

  it("takes mocha's own flags", async () => {
    const { lines } = await run(["--grep", "fails"]);
    assert.match(lines.at(-1) ?? "", /^0 passed, 2 failed$/);
  });

  it("fails where no file has the pattern in its path", async () => {
    const { exitCode, all } = await run(["nonsense"]);
    assert.match(all, /No test files found: "nonsense"/);
    assert.equal(exitCode, 1);
  });
});
