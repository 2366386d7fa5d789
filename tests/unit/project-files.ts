import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");
/** Files of the project: tracked ones, and new ones that are not ignored. */
export const FILES = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && isText(file));
export const CODE = FILES.filter((file) => file.endsWith(".ts") || file.endsWith(".mjs"));

function isText(file: string): boolean {
  try {
    return !readFileSync(join(ROOT, file)).includes(0);
  } catch {
    return false;
  }
}

export function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}
