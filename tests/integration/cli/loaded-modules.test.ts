import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";

const ROOT = join(import.meta.dirname, "../../..");

/** Files that a fresh process loads for an import, by the package that they are of; `""` is this project. */
async function loadedBy(specifier: string): Promise<Map<string, number>> {
  const script = `
    import { registerHooks } from "node:module";
    const urls = [];
    registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
    await import(${JSON.stringify(specifier)});
    process.stdout.write(JSON.stringify(urls), () => process.exit());`;
  const { stdout } = await execa(process.execPath, ["--input-type=module", "-e", script], { cwd: ROOT });
  const files = new Set((JSON.parse(stdout) as string[]).filter((url) => url.startsWith("file:")));
  const packages = [...files].map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? "");
  return new Map([...Map.groupBy(packages, (name) => name)].map(([name, { length }]) => [name, length]));
}

describe("the start of the program", () => {
  it("loads a bounded number of files, and of the SDK's Kubernetes package only the kinds that it writes", async () => {
    const [program, sdk] = await Promise.all([
      loadedBy(pathToFileURL(join(ROOT, "index.ts")).href),
      loadedBy("@pulumi/pulumi"),
    ]);
    const more = new Map([...program].map(([name, count]) => [name, count - (sdk.get(name) ?? 0)]));
    const { "": own = 0, "@pulumi/kubernetes": kinds = 0, ...libraries } = Object.fromEntries(more);
    const others = Object.values(libraries).reduce((sum, count) => sum + count, 0);
    // With what it loads today: 138, 9 and 186. A command, the sandbox or a whole client library would be hundreds more.
    assert.ok(own > 100 && own <= 150, `${own} files of this project`);
    assert.ok(kinds > 0 && kinds <= 12, `${kinds} files of @pulumi/kubernetes`);
    assert.ok(others <= 200, `${others} files of libraries beyond the SDK: ${JSON.stringify(libraries)}`);
  });
});
