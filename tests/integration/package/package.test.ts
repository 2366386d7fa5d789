import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { execa } from "execa";
import { VALID_CA } from "../policy/pack-fixture.ts";
import { PROJECT, packed } from "./pack.ts";

const LARGEST = 300 * 1024;
const CONSUMER = {
  compilerOptions: {
    strict: true,
    target: "ES2023",
    module: "nodenext",
    // Declarations of the package are checked too, with all that they need.
    skipLibCheck: false,
    outDir: "out",
    rootDir: ".",
    types: ["node"],
  },
  files: ["app.mts", "app.cts"],
};
const COMPONENTS = ["Capx", "Kcm", "Management", "NutanixCredential", "NutanixK0sCluster", "TrustBundle"];

describe("the npm package", function () {
  this.timeout(600_000);
  let folder = "";
  let contents = "";
  let consumer = "";

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "k0rdent-nutanix-package-")));
    consumer = join(folder, "consumer");
    contents = join(consumer, "node_modules", "k0rdent-nutanix");
    const parts = ["components", "manifests", "policy", "schema", "charts", "packaging", "tsconfig.json"];
    const files = [...parts, "tsconfig.build.json", "README.md", "LICENSE"];
    await packed({ from: PROJECT, files, copy: join(folder, "project"), into: contents });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("is small", async () => {
    const [tarball] = (await readdir(join(folder, "project"))).filter((name) => name.endsWith(".tgz"));
    assert.equal(tarball, "k0rdent-nutanix-0.1.0.tgz");
    const { size } = await stat(join(folder, "project", tarball ?? ""));
    assert.ok(size <= LARGEST, `${size} bytes`);
  });

  it("holds compiled modules with their declarations, the charts, README and LICENSE, and nothing else", async () => {
    const sources = await filesOf(join(PROJECT, "charts"));
    const there = await filesOf(contents);
    const charts = there.filter((file) => file.startsWith("dist/charts/"));
    assert.deepEqual(
      charts.map((file) => file.replace("dist/charts/", "")),
      sources,
    );
    const modules = there.filter((file) => file.startsWith("dist/") && !charts.includes(file));
    const strange = modules.filter(
      (file) =>
        !/^dist\/(components|components\/internal|manifests|schema|policy\/rules)\/[-a-z0-9]+\.(js|d\.ts)$/.test(file),
    );
    assert.deepEqual(strange, []);
    const scripts = modules.filter((file) => file.endsWith(".js"));
    const declarations = modules.filter((file) => file.endsWith(".d.ts"));
    assert.deepEqual(
      scripts.map((file) => file.replace(/\.js$/, ".d.ts")),
      declarations,
    );
    const rest = there.filter((file) => !file.startsWith("dist/"));
    assert.deepEqual(rest, ["LICENSE", "README.md", "package.json"]);
  });

  it("asks its consumer for what its modules import, and for nothing else", async () => {
    const manifest = JSON.parse(await readFile(join(contents, "package.json"), "utf8"));
    const asked = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)].sort();
    assert.deepEqual(asked, await importsOf(join(contents, "dist")));
    for (const key of ["optionalDependencies", "devDependencies", "scripts"]) assert.ok(!(key in manifest), key);
    assert.ok(Object.keys(manifest.peerDependencies).every((name) => name.startsWith("@pulumi/")));
  });

  it("leaves the project's own package.json as it was", async () => {
    const after = await readFile(join(folder, "project", "package.json"), "utf8");
    assert.equal(after, await readFile(join(PROJECT, "package.json"), "utf8"));
  });

  it("is not made of a package.json that an interrupted packing has left", async () => {
    const left = join(folder, "left");
    for (const file of ["packaging", "tsconfig.json"]) {
      await cp(join(PROJECT, file), join(left, file), { recursive: true });
    }
    await cp(join(contents, "package.json"), join(left, "package.json"));
    const { stderr, exitCode } = await execa(process.execPath, ["packaging/prepack.ts"], { cwd: left, reject: false });
    const [line] = stderr.split("\n").filter((text) => text.startsWith("package.json"));
    assert.equal(
      line,
      "package.json: is the package's own, since packing was interrupted; take the repository's: git restore package.json",
    );
    assert.equal(exitCode, 1);
  });

  describe("installed into an empty project", () => {
    before(async () => {
      const { dependencies, peerDependencies } = JSON.parse(await readFile(join(contents, "package.json"), "utf8"));
      const packages = [...Object.keys(dependencies), ...Object.keys(peerDependencies), "@types/node"];
      await Promise.all(packages.map((name) => link(name, join(consumer, "node_modules"))));
      await writeFile(join(consumer, "package.json"), JSON.stringify({ name: "consumer", private: true }));
      await writeFile(join(consumer, "tsconfig.json"), JSON.stringify(CONSUMER));
      for (const kind of ["mts", "cts"]) {
        await cp(join(import.meta.dirname, "consumer.mts"), join(consumer, `app.${kind}`));
      }
    });

    it("type-checks, from ES modules and from CommonJS", async () => {
      const compiler = join(PROJECT, "node_modules", "typescript", "bin", "tsc");
      const { stdout, exitCode } = await execa(process.execPath, [compiler, "-p", "."], {
        cwd: consumer,
        reject: false,
      });
      assert.equal(stdout, "");
      assert.equal(exitCode, 0);
    });

    for (const [kind, file] of [
      ["ES modules", "out/app.mjs"],
      ["CommonJS", "out/app.cjs"],
    ] as const) {
      it(`makes every component, from ${kind}`, async () => {
        const { stdout } = await execa(process.execPath, [file, VALID_CA], { cwd: consumer });
        const { endpoint, charts, registered } = JSON.parse(stdout);
        assert.equal(endpoint, "10.1.1.201:6443");
        assert.equal(charts.folder, join(contents, "dist", "charts", "nutanix-capx"));
        assert.equal(charts.packed.length, 3);
        const made = registered.filter((line: string) => line.startsWith("k0rdent-nutanix:index:"));
        const names = made.map((line: string) => line.split(/[: ]/)[2]);
        assert.deepEqual(names, COMPONENTS);
      });
    }
  });
});

async function link(name: string, into: string): Promise<void> {
  await mkdir(dirname(join(into, name)), { recursive: true });
  await symlink(join(PROJECT, "node_modules", name), join(into, name));
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Names of the packages that the modules of a folder import. */
async function importsOf(folder: string): Promise<string[]> {
  const modules = (await filesOf(folder)).filter((file) => file.endsWith(".js"));
  const texts = await Promise.all(modules.map((file) => readFile(join(folder, file), "utf8")));
  const names = texts.flatMap((text) =>
    [...text.matchAll(/(?:from|import\()\s*"((?:@[^"/]+\/)?[^"./:][^"/:]*)[^":]*"/g)].map((match) => match[1] ?? ""),
  );
  return [...new Set(names)].sort();
}
