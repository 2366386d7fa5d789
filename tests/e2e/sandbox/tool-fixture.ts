import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SOURCES } from "../../../sandbox/tools/catalog.ts";

/** The folder of one test, the folder of programs on its PATH, and its cache. */
export let folder: string;
export let bin: string;
export let cache: string;

/** Gives each test of a describe folders of its own. */
export function useToolFolders(): void {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tools-"));
    bin = join(folder, "bin");
    cache = join(folder, "cache");
    mkdirSync(bin);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
}

/** A program of this name on the test's PATH. */
export function program(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

/** What a failure leaves in the cache: no draft, no lock, no tool. */
export const leftovers = () => readdirSync(cache).filter((name) => name !== "downloads");

/** The test's PATH: its programs, and the shell's own tools but no Go. */
export const path = () => `${bin}:/usr/bin:/bin`;

export const HELM = SOURCES.find(({ name }) => name === "helm")?.version ?? "";
export const DIGEST = "a".repeat(64);

/** Stands for Go: notes each build beside the PATH folder, and writes a binary for each package. */
export const GO = `
[ "$1" = version ] && { echo go version go1.26.0; exit; }
echo "$@ CGO_ENABLED=$CGO_ENABLED" >> "$(dirname "$0")/../calls"
while [ "$1" != -o ]; do shift; done
folder="$2"
shift 2
mkdir -p "$folder"
for package in "$@"; do
  file="$folder/$(basename "\${package%/v3}")"
  echo built > "$file"
  chmod +x "$file"
done`;
