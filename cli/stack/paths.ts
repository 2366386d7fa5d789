import { join, resolve } from "node:path";
import { formatValue } from "../../policy/rules/violation.ts";
import { isSandboxName } from "../../sandbox/cluster/layout.ts";
import { EXIT, Failure } from "../output/failure.ts";

/** Root of the project. */
export const PROJECT = resolve(import.meta.dirname, "../..");

/** Files that the commands write, ignored by git: state, plugins, sandboxes, rendered manifests. */
export const LOCAL = join(PROJECT, ".local");

/**
 * Folder of a sandbox.
 *
 * @throws Failure where the name is not one: it becomes part of a path that is deleted.
 */
export function sandboxFolder(name: string): string {
  if (!isSandboxName(name))
    throw new Failure(
      `sandbox: ${formatValue(name)} is not the name of one; use 40 lower case letters, digits and "-" at most`,
      EXIT.usage,
    );
  return join(LOCAL, "sandbox", name);
}
