import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cleanTemporaryFolders, removeTornWorkspaces } from "../../../cli/engine/private-folders.ts";
import { writeBundle } from "../../../cli/output/support-bundle.ts";
import type { Diagnostics } from "../../../cli/stack/collect-diagnostics.ts";
import { LOCAL, sandboxFolder } from "../../../cli/stack/paths.ts";
import { readStackFile } from "../../../cli/stack/stack-file.ts";
import { assertProject, parseStack, referenceOf } from "../../../cli/stack/stack-reference.ts";
import { withTemporaryFolder } from "../../../cli/stack/temporary-folder.ts";
import { writeManifests } from "../../../cli/stack/write-manifests.ts";
import { withClusterFiles } from "../../../config/cluster-files.ts";
import { ADDITIONAL_KINDS } from "../../../operations/snapshot.ts";
import type { Violation } from "../../../policy/rules/violation.ts";
import { healthy, snapshotOf } from "../operations/snapshots.ts";

describe("a text that becomes a path", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-paths-"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: demo\n");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("names a sandbox below .local, and no other folder", () => {
    assert.equal(sandboxFolder("try-2"), join(LOCAL, "sandbox", "try-2"));
    for (const name of ["../../x", "..", ".", "", "a/b", "/tmp", "a.b", "-a", "A", "a".repeat(41), "a\n"])
      assert.throws(() => sandboxFolder(name), {
        exitCode: 2,
        message: /^sandbox: .* is not the name of one; use /,
      });
  });

  it("names a stack of this folder, and no other file", () => {
    for (const name of ["../x", "..", ".", "", "a/b", "a b", "a".repeat(101), "a\u0000"])
      assert.throws(() => readStackFile(name, folder), { message: /^--stack: .* is not the name of a stack; use / });
  });

  it("is a stack with organization and project, as Pulumi takes it", () => {
    assert.equal(parseStack("acme/demo/prod"), "prod");
    assert.equal(referenceOf("prod"), "acme/demo/prod");
    assertProject("prod", "demo");
    assert.throws(() => assertProject("prod", "other"), { exitCode: 2, message: /is a stack of the project demo/ });
    assert.equal(parseStack("acme/prod2"), "prod2");
    assert.equal(referenceOf("dev"), "dev");
    for (const text of ["a/b/c/d", "a//b", "/b", "b/", ""])
      assert.throws(() => parseStack(text), { exitCode: 2, message: /^--stack: .* is not a stack; write / });
  });

  it("is not followed through a link, from a stack file or a cluster file", () => {
    const outside = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-outside-"));
    try {
      writeFileSync(join(outside, "secret"), "canary: 1\n");
      symlinkSync(join(outside, "secret"), join(folder, "Pulumi.dev.yaml"));
      assert.throws(() => readStackFile("dev", folder), { message: /is a symbolic link out of its folder; replace / });
      const read = () => {
        const errors: Violation[] = [];
        const clusters = withClusterFiles({}, { root: folder, stack: "dev" }, errors);
        return { clusters, errors: errors.map(({ path, reason }) => `${path} ${reason}`) };
      };
      const refused = (path: string) => ({
        clusters: {},
        errors: [`${path} is a symbolic link, which is not followed`],
      });
      mkdirSync(join(folder, "clusters/dev"), { recursive: true });
      symlinkSync(join(outside, "secret"), join(folder, "clusters/dev/edge.yaml"));
      assert.deepEqual(read(), refused("clusters/dev/edge.yaml"));
      rmSync(join(folder, "clusters/dev"), { recursive: true });
      symlinkSync(outside, join(folder, "clusters/dev"));
      assert.deepEqual(read(), refused("clusters/dev"));
      rmSync(join(folder, "clusters"), { recursive: true });
      symlinkSync(outside, join(folder, "clusters"));
      assert.deepEqual(read(), refused("clusters"));
    } finally {
      rmSync(outside, { recursive: true, force: true });
    }
  });

  it("is the temporary folder of a process, and nothing else there is removed", async () => {
    const local = join(folder, ".local");
    for (const name of ["999999999", "mine", "12x", String(process.pid)])
      mkdirSync(join(local, "tmp", name), { recursive: true });
    await cleanTemporaryFolders(local);
    assert.deepEqual(readdirSync(join(local, "tmp")).sort(), ["12x", String(process.pid), "mine"].sort());
  });

  it("lose what the engine's home has of a file that was cut off, and nothing else", async () => {
    const home = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-home-"));
    mkdirSync(join(home, "workspaces"));
    for (const [file, text] of Object.entries({ whole: '{"stack":"dev"}', empty: "", torn: '{"stack":' }))
      writeFileSync(join(home, "workspaces", file), text);
    await removeTornWorkspaces(home);
    assert.deepEqual(readdirSync(join(home, "workspaces")), ["whole"]);
    rmSync(home, { recursive: true });
  });

  it("is TMPDIR, which is named where it cannot be used", async () => {
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = join(folder, "nowhere");
    try {
      await assert.rejects(
        withTemporaryFolder("x", async () => undefined),
        {
          name: "Failure",
          message: `TMPDIR: ${join(folder, "nowhere")} cannot be used (ENOENT); set it to a folder that you can write`,
        },
      );
      process.env["TMPDIR"] = folder;
      const full = Object.assign(new Error("x"), { code: "ENOSPC" });
      await assert.rejects(
        withTemporaryFolder("x", () => Promise.reject(full)),
        { message: `TMPDIR: the disk of ${folder} is full; free some space, or set it to a folder of another disk` },
      );
    } finally {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    }
    assert.deepEqual(readdirSync(folder), ["Pulumi.yaml"]);
  });

  it("is the archive of the doctor, which is named as the user did, and replaces nothing else", async () => {
    const additional = { objects: Object.fromEntries(ADDITIONAL_KINDS.map((kind) => [kind, []])), gaps: [] };
    const diagnostics = {
      input: { snapshot: snapshotOf(healthy("v1beta1")), additional, logs: [], probes: [] },
      ...{ redact: (text: string) => text, missing: [] },
    } as unknown as Diagnostics;
    writeFileSync(join(folder, `a.tgz.${process.pid}`), "mine");
    mkdirSync(join(folder, "dir.tgz"));
    for (const [name, code] of Object.entries({ "dir.tgz": "EISDIR", "no/a.tgz": "ENOENT" }))
      await assert.rejects(writeBundle(join(folder, name), diagnostics, []), { code, path: join(folder, name) });
    await writeBundle(join(folder, "a.tgz"), diagnostics, []);
    assert.equal(readFileSync(join(folder, `a.tgz.${process.pid}`), "utf8"), "mine");
    assert.equal(statSync(join(folder, "a.tgz")).mode & 0o777, 0o600);
    assert.deepEqual([...readFileSync(join(folder, "a.tgz")).subarray(0, 2)], [0x1f, 0x8b]);
  });

  describe("and is the folder of a render", () => {
    const object = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { a: "on" } });

    it("keeps every file that the render did not write, and removes what it did", async () => {
      writeFileSync(join(folder, "configmap-mine.yaml"), "mine\n");
      await writeManifests([object("one"), object("two")], folder);
      await writeManifests([object("two")], folder);
      assert.deepEqual(readdirSync(folder).sort(), ["Pulumi.yaml", "configmap-mine.yaml", "configmap-two.yaml"]);
      assert.equal(readFileSync(join(folder, "Pulumi.yaml"), "utf8"), "name: demo\n");
      assert.match(readFileSync(join(folder, "configmap-two.yaml"), "utf8"), /^# Rendered by .*\n(?:.*\n)* {2}a: "on"/);
    });

    it("is rejected, unchanged, where a manifest would replace a file of another origin", async () => {
      writeFileSync(join(folder, "configmap-two.yaml"), "mine\n");
      symlinkSync(join(folder, "Pulumi.yaml"), join(folder, "configmap-three.yaml"));
      await assert.rejects(writeManifests([object("one"), object("two"), object("three")], folder), {
        exitCode: 2,
        message: /^--out: configmap-three\.yaml, configmap-two\.yaml in .* has another origin/,
      });
      assert.equal(readFileSync(join(folder, "configmap-two.yaml"), "utf8"), "mine\n");
      assert.equal(readdirSync(folder).length, 3);
    });

    it("takes no manifest whose name is a path", async () => {
      await assert.rejects(writeManifests([object("../x")], folder), /is not the name of a file/);
    });
  });
});
