import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { engineEnvironment, openEngine } from "../../../cli/engine/engine.ts";
import { PROJECT } from "../../../cli/stack/paths.ts";
import { renderStack } from "../../../cli/stack/render-stack.ts";
import { readConfig } from "../../../config/index.ts";
import type { ToolPaths } from "../../../sandbox/ensure-tools.ts";
import { requireTools } from "../../support/skip.ts";
import { projectFolder, type StackFile, validStack } from "../../support/stack-fixture.ts";

const SALT = "v1:7G46aPyRGro=:v1:ibkddvLXtjgqnHfs:VF8PD4paatRgtDeVa4avANiRxgPKJQ==";

describe("logins that the engine and the program read alike", function () {
  this.timeout(120_000);
  let tools: ToolPaths<"pulumi">;
  let folder: ReturnType<typeof projectFolder>;

  before(async function () {
    tools = await requireTools(this, ["pulumi"]);
  });
  beforeEach(() => {
    const project = readFileSync(join(PROJECT, "Pulumi.yaml"), "utf8").replace(/^main: .*$/m, "");
    folder = projectFolder({ "Pulumi.yaml": project });
  });
  afterEach(() => rmSync(folder.path, { recursive: true, force: true }));

  /** Writes a stack file whose credentials are these. */
  function write({ credentials: _, ...stack }: StackFile, credentials?: unknown): void {
    const config = Object.entries({ ...stack, ...(credentials === undefined ? {} : { credentials }) });
    const keys = config.map(([key, value]) => [`k0rdent-nutanix:${key}`, value]);
    writeFileSync(
      join(folder.path, "Pulumi.dev.yaml"),
      stringify({ encryptionsalt: SALT, config: Object.fromEntries(keys) }),
    );
  }

  /** Names of the logins' entries as the program reads them under the engine; what it throws otherwise. */
  async function entries(): Promise<string[]> {
    const read: string[] = [];
    const engine = await openEngine({
      stack: "dev",
      tools,
      workDir: folder.path,
      local: join(folder.path, ".local"),
      program: async () => {
        const config = readConfig();
        read.push(config.login().entry, ...Object.keys(config.generated));
        return {};
      },
    });
    await engine.preview();
    return read;
  }

  it("are accepted where every password is generated, so that none is a secret", async () => {
    const generated = (username: string) => ({ username, generate: { revision: 1 } });
    write(validStack(), { global: generated("svc-global"), edge: generated("svc-edge") });
    assert.deepEqual((await entries()).sort(), ["edge", "global", "global"]);
    assert.ok((await renderStack({ stack: "dev", workDir: folder.path })).objects.length > 10);
  });

  it("are accepted as one secret, and rendered with placeholders", async () => {
    const stack = validStack();
    write(stack);
    const env = { ...engineEnvironment({ local: join(folder.path, ".local") }), PULUMI_CONFIG_PASSPHRASE: "sandbox" };
    await openEngine({ stack: "dev", tools, workDir: folder.path, local: join(folder.path, ".local") });
    const words = ["config", "set", "--secret", "credentials", JSON.stringify(stack["credentials"]), "--stack", "dev"];
    await execa(tools.pulumi, [...words, "--non-interactive"], { cwd: folder.path, env });
    assert.match(readFileSync(join(folder.path, "Pulumi.dev.yaml"), "utf8"), /credentials:\n +secure: /);
    assert.deepEqual(await entries(), ["global"]);
    assert.ok((await renderStack({ stack: "dev", workDir: folder.path })).objects.length > 10);
  });
});
