import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { PROJECT } from "../../../cli/stack/paths.ts";
import { commandOf } from "../../../sandbox/tools/process.ts";

describe("npm run bench and npm run soak", function () {
  this.timeout(60_000);
  const WRONG: Readonly<Record<string, RegExp>> = {
    "run --sizes 0": /--sizes <list>' argument '0' is invalid. use an integer from 1/,
    "run --sizes 1x2x3": /write sizes like 10 or 1000x1/,
    "run --only nope": /use some of start, pipeline/,
    "run --rounds x": /use an integer from 1/,
    "run --bogus": /unknown option '--bogus'/,
    "run extra": /too many arguments/,
    "soak --clusters -3": /use an integer from 1/,
    "soak --seed": /argument missing/,
  };
  for (const [line, message] of Object.entries(WRONG))
    it(`end with exit code 2 and the reason: ${line}`, async () => {
      const [script, ...words] = line.split(" ");
      const args = [join(PROJECT, "bench", `${script}.ts`), ...words];
      const { exitCode, stderr } = await execa(process.execPath, args, { reject: false });
      assert.equal(exitCode, 2);
      assert.match(stderr, message);
    });

  it("leave neither folder nor process when they are ended at once", async () => {
    const module = pathToFileURL(join(PROJECT, "bench", "temporary-folder.ts")).href;
    const code = `
      import { spawn } from "node:child_process";
      import { temporaryFolder } from ${JSON.stringify(module)};
      const folder = temporaryFolder("ended");
      const { pid } = spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)", folder], { detached: true });
      console.log(JSON.stringify({ folder, pid }));
      process.exit(130);`;
    const { stdout, exitCode } = await execa(process.execPath, ["--input-type=module", "-e", code], { reject: false });
    const { folder, pid } = JSON.parse(stdout);
    assert.equal(exitCode, 130);
    assert.equal(existsSync(folder), false);
    assert.equal(await commandOf(pid), undefined);
  });
});
