/** A version of a stack file, read by this program, with fingerprints of its secrets. */
import { createHash } from "node:crypto";
import type { StackReading } from "../../config/index.ts";
import { hasStackFile, type StackFiles } from "../../config/stack-files.ts";
import { canonical, isMap } from "../../policy/rules/plain-values.ts";
import { withSettings } from "../stack/stack-settings.ts";
import type { Review } from "./model.ts";

export interface StackVersion extends StackReading {
  readonly secrets: SecretFingerprints;
  /** What was not read because only Pulumi's engine reads it, one sentence each. */
  readonly unread: readonly string[];
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
  if (!hasStackFile(place.workDir, place.stack)) return undefined;
  const { readStack } = await import("../../config/index.ts");
  return withSettings(place, ({ files, unread }) => ({ ...readStack(), secrets: fingerprintsOf(files), unread }));
}

/** Fingerprints of all encrypted values and logins. Pure. */
function fingerprintsOf({ values, encryption }: StackFiles): SecretFingerprints {
  const prints: Record<string, string> = {};
  const logins: Record<string, string> = {};
  for (const [key, value] of Object.entries(values)) {
    const name = key.replace(/^[^:]*:/, "");
    Object.assign(prints, printsOf(value, name, name === "credentials"));
    if (name !== "credentials" || !isMap(value)) continue;
    for (const [login, below] of Object.entries(value)) logins[login] = fingerprint(below);
  }
  return { prints, logins, key: fingerprint(encryption) };
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
