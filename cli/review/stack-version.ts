/** One side of a comparison: a stack file read by this program, its secrets told apart and never opened. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type { StackReading } from "../../config.ts";
import { withSettings } from "../stack/stack-settings.ts";
import { isMap, sorted } from "./fields.ts";
import type { Review } from "./model.ts";

export interface StackVersionReading extends StackReading {
  readonly secrets: Secrets;
}

/** What of a stack file is kept as a secret. */
export interface Secrets {
  /** Fingerprints of secrets as they stand in the file, encrypted, by their path. */
  readonly prints: Readonly<Record<string, string>>;
  /** Fingerprints of whole logins, by their name. */
  readonly logins: Readonly<Record<string, string>>;
  /** What the file says of the key that its secrets are encrypted with. */
  readonly key: string;
}

/**
 * Reads the stack file of a folder.
 *
 * @returns undefined where the stack has no file there
 */
export async function readStackVersion(place: {
  stack: string;
  workDir: string;
}): Promise<StackVersionReading | undefined> {
  const file = join(place.workDir, `Pulumi.${place.stack}.yaml`);
  if (!existsSync(file) || !existsSync(join(place.workDir, "Pulumi.yaml"))) return undefined;
  const { readStack } = await import("../../config.ts");
  const reading = await withSettings(place, { register: ({ inputs }) => ({ id: "", state: inputs }), run: readStack });
  return { ...reading, secrets: secretsOf(parse(await readFile(file, "utf8"))) };
}

/** The secrets of a stack file: whatever is encrypted, and all of its logins. Pure. */
export function secretsOf(file: unknown): Secrets {
  const settings = isMap(file) && isMap(file["config"]) ? file["config"] : {};
  const prints: Record<string, string> = {};
  const logins: Record<string, string> = {};
  for (const [key, value] of Object.entries(settings)) {
    const name = key.replace(/^[^:]*:/, "");
    Object.assign(prints, printsOf(value, name, name === "credentials"));
    if (name !== "credentials" || !isMap(value)) continue;
    for (const [login, below] of Object.entries(value)) logins[login] = print(below);
  }
  const { encryptionsalt, secretsprovider, encryptedkey } = (isMap(file) ? file : {}) as Record<string, unknown>;
  return { prints, logins, key: print({ encryptionsalt, secretsprovider, encryptedkey }) };
}

function printsOf(value: unknown, path: string, all: boolean): Record<string, string> {
  if (isMap(value) && !(Object.keys(value).length === 1 && "secure" in value)) {
    return Object.assign({}, ...Object.entries(value).map(([key, below]) => printsOf(below, `${path}.${key}`, all)));
  }
  if (Array.isArray(value)) {
    return Object.assign({}, ...value.map((below, index) => printsOf(below, `${path}[${index}]`, all)));
  }
  return all || isMap(value) ? { [path]: print(value) } : {};
}

function print(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(value)) ?? "")
    .digest("hex");
}

/** Secrets that differ between two stack files, by their path; never their values. */
export function changedSecrets(before: Secrets | undefined, after: Secrets): Review["secrets"] {
  const old = before?.prints ?? {};
  const paths = [...new Set([...Object.keys(old), ...Object.keys(after.prints)])].sort();
  return paths
    .filter((path) => old[path] !== after.prints[path])
    .map((path) => ({
      path,
      operation: old[path] === undefined ? "create" : after.prints[path] === undefined ? "delete" : "update",
    }));
}
