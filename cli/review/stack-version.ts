/** A version of a stack file, read by this program, with fingerprints of its secrets. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type { StackReading } from "../../config/index.ts";
import { canonical, isMap } from "../../policy/rules/plain-values.ts";
import { withSettings } from "../stack/stack-settings.ts";
import type { Review } from "./model.ts";

export interface StackVersion extends StackReading {
  readonly secrets: SecretFingerprints;
}

/** The secrets of a stack file. */
export interface SecretFingerprints {
  /** Fingerprints of ciphertexts, by path. */
  readonly prints: Readonly<Record<string, string>>;
  /** Fingerprints of logins, by name. */
  readonly logins: Readonly<Record<string, string>>;
  /** Fingerprint of the encryption key's settings. */
  readonly key: string;
}

/**
 * Reads the stack file of a folder.
 *
 * @returns undefined where the stack file does not exist
 */
export async function readStackVersion(place: { stack: string; workDir: string }): Promise<StackVersion | undefined> {
  const file = join(place.workDir, `Pulumi.${place.stack}.yaml`);
  if (!existsSync(file) || !existsSync(join(place.workDir, "Pulumi.yaml"))) return undefined;
  const { readStack } = await import("../../config/index.ts");
  const reading = await withSettings(place, { register: ({ inputs }) => ({ id: "", state: inputs }), run: readStack });
  return { ...reading, secrets: fingerprintsOf(parse(await readFile(file, "utf8"))) };
}

/** Fingerprints of all encrypted values and logins. Pure. */
export function fingerprintsOf(file: unknown): SecretFingerprints {
  const settings = isMap(file) && isMap(file["config"]) ? file["config"] : {};
  const prints: Record<string, string> = {};
  const logins: Record<string, string> = {};
  for (const [key, value] of Object.entries(settings)) {
    const name = key.replace(/^[^:]*:/, "");
    Object.assign(prints, printsOf(value, name, name === "credentials"));
    if (name !== "credentials" || !isMap(value)) continue;
    for (const [login, below] of Object.entries(value)) logins[login] = fingerprint(below);
  }
  const { encryptionsalt, secretsprovider, encryptedkey } = (isMap(file) ? file : {}) as Record<string, unknown>;
  return { prints, logins, key: fingerprint({ encryptionsalt, secretsprovider, encryptedkey }) };
}

function printsOf(value: unknown, path: string, all: boolean): Record<string, string> {
  if (isMap(value) && !(Object.keys(value).length === 1 && "secure" in value)) {
    return Object.assign({}, ...Object.entries(value).map(([key, below]) => printsOf(below, `${path}.${key}`, all)));
  }
  if (Array.isArray(value)) {
    return Object.assign({}, ...value.map((below, index) => printsOf(below, `${path}[${index}]`, all)));
  }
  return all || isMap(value) ? { [path]: fingerprint(value) } : {};
}

function fingerprint(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}

/** Paths of secrets that differ between two stack files. */
export function changedSecrets(before: SecretFingerprints | undefined, after: SecretFingerprints): Review["secrets"] {
  const old = before?.prints ?? {};
  const paths = [...new Set([...Object.keys(old), ...Object.keys(after.prints)])].sort();
  return paths
    .filter((path) => old[path] !== after.prints[path])
    .map((path) => ({
      path,
      operation: old[path] === undefined ? "create" : after.prints[path] === undefined ? "delete" : "update",
    }));
}
