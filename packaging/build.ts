/** Before `npm pack ./packaging`: compiles the components into dist/, with the charts beside them, README and LICENSE. */
import { execFileSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";

const FOLDER = import.meta.dirname;
const PROJECT = join(FOLDER, "..");
const COMPILER = join(PROJECT, "node_modules", "typescript", "bin", "tsc");

rmSync(join(FOLDER, "dist"), { recursive: true, force: true });
execFileSync(process.execPath, [COMPILER, "--project", "tsconfig.build.json"], { cwd: PROJECT, stdio: "inherit" });
cpSync(join(PROJECT, "charts"), join(FOLDER, "dist", "charts"), { recursive: true });
for (const file of ["README.md", "LICENSE"]) cpSync(join(PROJECT, file), join(FOLDER, file));
