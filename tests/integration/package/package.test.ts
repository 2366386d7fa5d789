import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { blockAfter } from "../../unit/docs/stacks.ts";
import { PROJECT, packed } from "./pack.ts";

const LARGEST = 300 * 1024;
/** Without what an earlier packing has left there. */
const PACKAGING = ["packaging/package.json", "packaging/build.ts"];
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
  files: ["app.mts", "app.cts", "example.mts", "example.cts", "template.mts"],
};
const COMPONENTS = ["Capx", "Kcm", "Management", "NutanixK0sCluster", "NutanixPlatform"];
/** Configuration of the README's example and of the template. */
const CONFIG = {
  kubeconfig: "management.kubeconfig",
  prismCentral: "prism-central.example.com",
  username: "svc-capx@example.com",
  password: "not-a-secret",
  endpoint: "10.1.1.200",
  image: "ubuntu-k0s",
  prismElement: "PE-1",
  subnet: "VM-Network",
};

describe("the npm package", function () {
  this.timeout(600_000);
  let folder = "";
  let contents = "";
  let consumer = "";

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "k0rdent-nutanix-package-")));
    consumer = join(folder, "consumer");
    contents = join(consumer, "node_modules", "k0rdent-nutanix");
    const parts = ["components", "config", "kubernetes", "manifests", "policy", "schema", "charts", "tsconfig.json"];
    const files = [...parts, "tsconfig.build.json", "README.md", "LICENSE", ...PACKAGING];
    await packed({ from: PROJECT, files, folder: "packaging", copy: join(folder, "project"), into: contents });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("is small", async () => {
    const [tarball] = (await readdir(join(folder, "project", "packaging"))).filter((name) => name.endsWith(".tgz"));
    assert.equal(tarball, "k0rdent-nutanix-0.1.0.tgz");
    const { size } = await stat(join(folder, "project", "packaging", tarball ?? ""));
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
        !/^dist\/(components|components\/internal|kubernetes|manifests|schema|schema\/charts|policy\/rules)\/[-a-z0-9]+\.(js|d\.ts)$/.test(
          file,
        ),
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
    assert.ok(Object.keys(manifest.peerDependencies).every((name) => name.startsWith("@pulumi/")));
  });

  it("has the version of the project, and of each package that it shares with it", async () => {
    const project = JSON.parse(await readFile(join(PROJECT, "package.json"), "utf8"));
    const { version, license, dependencies, peerDependencies } = JSON.parse(
      await readFile(join(contents, "package.json"), "utf8"),
    );
    assert.deepEqual([version, license], [project.version, project.license]);
    const versions = { ...dependencies, ...peerDependencies };
    for (const [name, range] of Object.entries<string>(versions)) {
      assert.equal(range.replace("^", ""), project.dependencies[name], name);
    }
    const template = JSON.parse(await readFile(join(PROJECT, "templates", "package.json"), "utf8"));
    for (const [name, pinned] of Object.entries(template.dependencies)) {
      assert.equal(pinned, name === "k0rdent-nutanix" ? version : project.dependencies[name], name);
    }
  });

  describe("installed into an empty project", () => {
    before(async () => {
      const { dependencies, peerDependencies } = JSON.parse(await readFile(join(contents, "package.json"), "utf8"));
      const packages = [...Object.keys(dependencies), ...Object.keys(peerDependencies), "@types/node"];
      await Promise.all(packages.map((name) => link(name, join(consumer, "node_modules"))));
      await writeFile(join(consumer, "package.json"), JSON.stringify({ name: "consumer", private: true }));
      await writeFile(join(consumer, "tsconfig.json"), JSON.stringify(CONSUMER));
      await writeFile(join(consumer, "management.kubeconfig"), "{}");
      const example = blockAfter("example", await readFile(join(contents, "README.md"), "utf8"));
      for (const kind of ["mts", "cts"]) {
        await cp(join(import.meta.dirname, "consumer.mts"), join(consumer, `app.${kind}`));
        await writeFile(join(consumer, `example.${kind}`), example);
      }
      await cp(join(PROJECT, "templates", "index.ts"), join(consumer, "template.mts"));
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

    for (const [title, app, program] of [
      ["the README's example, as ES modules", "app.mjs", "example.mjs"],
      ["the README's example, as CommonJS", "app.cjs", "example.cjs"],
      ["the template of pulumi new", "app.mjs", "template.mjs"],
    ] as const) {
      it(`renders ${title}`, async () => {
        const config = Object.entries(CONFIG).map(([key, value]) => [`other:${key}`, value]);
        const env = { PULUMI_CONFIG: JSON.stringify(Object.fromEntries(config)) };
        const { stdout } = await execa(process.execPath, [`out/${app}`, `./${program}`], { cwd: consumer, env });
        const { endpoint, charts, registered } = JSON.parse(stdout);
        assert.equal(endpoint, "10.1.1.200:6443");
        assert.equal(charts.folder, join(contents, "dist", "charts", "nutanix-capx"));
        assert.equal(charts.packed.length, 3);
        const made = registered.filter((line: string) => line.startsWith("k0rdent-nutanix:index:"));
        const names = made.map((line: string) => line.split(/[: ]/)[2]);
        assert.deepEqual(names, COMPONENTS);
      });
    }
  });

  it("has a template that configures every key that it reads", async () => {
    const program = await readFile(join(PROJECT, "templates", "index.ts"), "utf8");
    const { template } = parse(await readFile(join(PROJECT, "templates", "Pulumi.yaml"), "utf8"));
    assert.deepEqual(Object.keys(template.config).sort(), Object.keys(CONFIG).sort());
    for (const key of Object.keys(CONFIG)) assert.ok(program.includes(`("${key}")`), key);
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
    [...text.matchAll(/(?:\bfrom|import\()\s*"((?:@[^"/\n]+\/)?[^"./:\s),][^"/:\n]*)[^":]*"/g)].map(
      (match) => match[1] ?? "",
    ),
  );
  return [...new Set(names)].sort();
}
