/** Before `npm pack`: compiles the components into dist/, with the charts beside them, and puts the package's manifest in place. */
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { KEPT, MANIFEST, type Manifest, PROJECT, packageManifest } from "./package-manifest.ts";

const DIST = join(PROJECT, "dist");
const COMPILER = join(PROJECT, "node_modules", "typescript", "bin", "tsc");

const repository = JSON.parse(readFileSync(MANIFEST, "utf8")) as Manifest;
if (repository.devDependencies === undefined) {
  refuse(
    "package.json: is the package's own, since packing was interrupted; take the repository's: git restore package.json",
  );
}
rmSync(DIST, { recursive: true, force: true });
const compiled = spawnSync(process.execPath, [COMPILER, "--project", "tsconfig.build.json"], {
  cwd: PROJECT,
  stdio: "inherit",
});
if (compiled.status !== 0) refuse("the components do not compile; npx tsc -p . says where");
cpSync(join(PROJECT, "charts"), join(DIST, "charts"), { recursive: true });

mkdirSync(dirname(KEPT), { recursive: true });
copyFileSync(MANIFEST, KEPT);
writeFileSync(MANIFEST, `${JSON.stringify(packageManifest(repository), undefined, 2)}\n`);

function refuse(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
