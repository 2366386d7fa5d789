import assert from "node:assert/strict";
import { execa } from "execa";
import { PROJECT } from "../cli/stack/paths.ts";

/** Imports the program in a process of its own, and tells what of the SDK's heavy parts is loaded before and after they are used. */
const SCRIPT = `
  import { createRequire } from "node:module";
  import { types } from "node:util";
  await import("./index.ts");
  const { default: pulumi } = await import("@pulumi/pulumi");
  const require = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));
  const loaded = () =>
    ["typescript", "@npmcli/arborist"].filter((name) => {
      const module = require.cache[require.resolve(name)];
      return module !== undefined && !types.isProxy(module.exports);
    });
  const before = loaded();
  const answer = 42;
  const { text } = await pulumi.runtime.serializeFunction(() => answer);
  const paths = await pulumi.runtime.computeCodePaths();
  console.log(JSON.stringify({ before, after: loaded(), isWhole: /answer: 42/.test(text) && paths.size > 10 }));
`;

describe("the start of the program", () => {
  it("leaves what serialises functions unloaded until a function is serialised, which then works", async function () {
    this.timeout(20_000);
    const { stdout } = await execa(process.execPath, ["--input-type=module", "-e", SCRIPT], { cwd: PROJECT });
    assert.deepEqual(JSON.parse(stdout), {
      before: [],
      after: ["typescript", "@npmcli/arborist"],
      isWhole: true,
    });
  });
});
