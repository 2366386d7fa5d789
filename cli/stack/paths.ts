import { join, resolve } from "node:path";

/** Root of the project. */
export const PROJECT = resolve(import.meta.dirname, "../..");

/** Files that the commands write, ignored by git: state, plugins, sandboxes, rendered manifests. */
export const LOCAL = join(PROJECT, ".local");

/** Folder of a sandbox. */
export function sandboxFolder(name: string): string {
  return join(LOCAL, "sandbox", name);
}
