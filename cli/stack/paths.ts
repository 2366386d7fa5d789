import { join, resolve } from "node:path";

/** Root of the project. */
export const PROJECT = resolve(import.meta.dirname, "../..");

/** Everything that the commands write, outside git: state, plugins, sandboxes, rendered files. */
export const LOCAL = join(PROJECT, ".local");

/** Folder of a sandbox. */
export function sandboxFolder(name: string): string {
  return join(LOCAL, "sandbox", name);
}
