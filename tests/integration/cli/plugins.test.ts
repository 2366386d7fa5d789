import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { installPlugins } from "../../../cli/engine/plugins.ts";

const RANDOM = "plugins/resource-random-v4.21.1/pulumi-resource-random";
const KUBERNETES = "plugins/resource-kubernetes-v4.32.0/pulumi-resource-kubernetes";

describe("Pulumi's plugins under a PULUMI_HOME", () => {
  let folder: string;
  const before = { ...process.env };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-plugins-"));
    Object.assign(process.env, { PULUMI_HOME: join(folder, "user"), K0RDENT_NUTANIX_CACHE: join(folder, "cache") });
  });
  afterEach(() => {
    for (const name of ["PULUMI_HOME", "K0RDENT_NUTANIX_CACHE"]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    rmSync(folder, { recursive: true, force: true });
  });

  function write(path: string): string {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "#!/bin/sh\n", { mode: 0o755 });
    return path;
  }

  it("are the released ones where they are, and nothing is said of them", async () => {
    const random = write(join(folder, "user", RANDOM));
    const kubernetes = write(join(folder, "cache/tools/pulumi-kubernetes-4.32.0/pulumi-resource-kubernetes"));
    const home = join(folder, "home");
    for (let time = 0; time < 2; time += 1) assert.deepEqual(await installPlugins(home, kubernetes), []);
    assert.equal(readlinkSync(join(home, RANDOM)), random);
    assert.equal(readlinkSync(join(home, KUBERNETES)), kubernetes);
    assert.equal(readdirSync(join(home, "plugins")).length, 2);
  });

  it("take the place of others, and are named where they are not the released ones", async () => {
    const built = write(join(folder, "cache/tools/pulumi-kubernetes-2026-01-15/pulumi-resource-kubernetes"));
    write(join(folder, "home", KUBERNETES));
    const notes = await installPlugins(join(folder, "home"), built);
    assert.deepEqual(notes, [
      "Pulumi's Kubernetes plugin is built from its source of 2026-01-15: 4.32.0 could not be downloaded.",
      "Pulumi's random plugin could not be downloaded: a stand-in of the sandbox generates the passwords.",
    ]);
    assert.equal(readlinkSync(join(folder, "home", KUBERNETES)), built);
    assert.match(readlinkSync(join(folder, "home", RANDOM)), /sandbox\/plugins\/random\/pulumi-resource-random$/);
  });
});
