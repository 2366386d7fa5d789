import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { installStandInPlugins, linkRealPlugins, realPlugins } from "../../../sandbox/plugins/install.ts";

const OURS = resolve(import.meta.dirname, "../../../sandbox/plugins");

describe("plugins under a PULUMI_HOME", () => {
  let home: string;
  let other: string;
  const program = (folder: string, name: string) => {
    const version = name === "kubernetes" ? "4.32.0" : "4.21.1";
    return join(folder, "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`);
  };

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "plugins-home-"));
    other = mkdtempSync(join(tmpdir(), "plugins-other-"));
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
    rmSync(other, { recursive: true, force: true });
  });

  function writeReal(path: string): void {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, "#!/bin/sh\n");
    chmodSync(path, 0o755);
  }

  it("are the stand-ins after installing them, any number of times", () => {
    installStandInPlugins(home);
    installStandInPlugins(home);
    for (const name of ["kubernetes", "random"]) {
      assert.equal(realpathSync(program(home, name)), join(OURS, `pulumi-resource-${name}`));
    }
    assert.deepEqual(readdirSync(join(home, "plugins")).sort(), [
      "resource-kubernetes-v4.32.0",
      "resource-random-v4.21.1",
    ]);
  });

  it("are never taken for real ones when they are ours", () => {
    installStandInPlugins(other);
    assert.deepEqual(realPlugins({ PULUMI_HOME: other, PATH: OURS }), {});
  });

  it("are real ones from another PULUMI_HOME, or from PATH", () => {
    writeReal(program(other, "kubernetes"));
    writeReal(join(other, "bin", "pulumi-resource-random"));
    const environment = { PULUMI_HOME: other, PATH: join(other, "bin") };
    installStandInPlugins(home);
    assert.deepEqual(linkRealPlugins(home, environment), ["kubernetes", "random"]);
    assert.equal(realpathSync(program(home, "kubernetes")), realpathSync(program(other, "kubernetes")));
    assert.equal(realpathSync(program(home, "random")), realpathSync(join(other, "bin", "pulumi-resource-random")));
  });

  it("of another version are not taken", () => {
    writeReal(join(other, "plugins", "resource-kubernetes-v4.30.0", "pulumi-resource-kubernetes"));
    assert.deepEqual(realPlugins({ PULUMI_HOME: other, PATH: "" }), {});
  });
});
