import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { versionsTable } from "../../../cli/output/reference/versions-table.ts";
import { PROJECT } from "../../../cli/stack/paths.ts";
import { renderStack } from "../../../cli/stack/render-stack.ts";
import { blockAfter, readText, render, smallestStack } from "./stacks.ts";

const TEXTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...globSync("docs/**/*.md", { cwd: PROJECT })];

describe("the README", () => {
  it("begins with a smallest stack that renders one cluster", async () => {
    const { objects, verdict } = await render(await smallestStack());
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    assert.ok(names.includes("ClusterDeployment demo"), names.join("\n"));
    assert.ok(names.includes("Secret nutanix-creds"), names.join("\n"));
    assert.match(verdict, / 0 violations$/);
  });

  it("shows what render really prints for the dev stack", async () => {
    const { objects, verdict } = await renderStack({ stack: "dev" });
    const printed = `${verdict}\n${objects.length} manifests in rendered`;
    assert.ok((await readText("README.md")).includes(`render -- --out rendered\n${printed}\n`), printed);
  });

  it("shows the versions of the matrix, and fits in 300 lines and 16 KB", async () => {
    const text = await readText("README.md");
    for (const row of versionsTable()
      .split("\n")
      .filter((line) => line.startsWith("|")))
      assert.ok(text.includes(row), row);
    assert.ok(text.split("\n").length <= 300 && Buffer.byteLength(text) <= 16 * 1024);
  });

  it("shows an example that compiles: the file beside this one", async () => {
    const file = await readText("tests/unit/docs/example.ts");
    const shown = blockAfter("example", await readText("README.md"));
    assert.equal(shown, file.replace("../../../components/index.ts", "k0rdent-nutanix"));
  });
});

describe("the project's texts", () => {
  for (const file of TEXTS) {
    it(`name in ${file} only npm scripts that there are`, async () => {
      const { scripts } = JSON.parse(await readText("package.json")) as { scripts: Record<string, string> };
      const named = [...(await readText(file)).matchAll(/(?:`|^|\$ )npm (?:run (?:--silent )?)?(\w+)/gm)].map(
        ([, name = ""]) => name,
      );
      const builtIn = ["ci", "install", "link", "pack"];
      for (const name of named) assert.ok(name in scripts || builtIn.includes(name), `npm run ${name}`);
    });

    it(`link in ${file} only to files that there are`, async () => {
      const links = [...(await readText(file)).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = ""]) => link);
      for (const link of links) assert.ok(existsSync(join(PROJECT, dirname(file), link)), link);
    });
  }

  it("name in CONTRIBUTING.md every folder of the program, and only files that there are", async () => {
    const text = await readText("CONTRIBUTING.md");
    for (const folder of [
      "schema",
      "manifests",
      "policy",
      "policy/rules",
      "components",
      "kubernetes",
      "prism-central",
      "preflight",
      "operations",
      "charts",
      "sandbox",
      "cli",
      "bench",
      "tests",
    ]) {
      assert.ok(text.includes(`| \`${folder}/\` |`), folder);
    }
    const files = [...text.matchAll(/`((?:[\w.-]+\/)*[\w-]+\.(?:ts|mjs|yaml|json|md))`/g)].map(([, file = ""]) => file);
    for (const file of files) assert.ok(existsSync(join(PROJECT, file)), file);
  });
});
