import { canonical, isMap, type Plain } from "../../policy/rules/plain-values.ts";
import { secretReason } from "../../policy/rules/secret-patterns.ts";
import type { FieldChange } from "./model.ts";

/** Placeholders of Pulumi for a secret, and for a value that is known only during the update. */
export const SECRET = "[secret]";
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Keys whose values are always hidden. */
const SECRET_KEYS = /pass(word|wd|phrase|$)|token|api-?key|private-?key|secret-?(key|access)|^auths?$/i;
/** Fields that hold only secrets, by kind. */
const SECRET_FIELDS: Readonly<Record<string, readonly string[]>> = { Secret: ["data", "stringData"] };

/** Fields that differ between two states of an object, sorted by path; values of secrets are hidden. */
export function differences(before: Plain, after: Plain): FieldChange[] {
  const kind = String(after["kind"] ?? before["kind"] ?? "");
  return compare(before, after, [])
    .filter(({ keys }) => keys[0] !== "status" && !keys.some((key) => key.startsWith("pulumi.com/")))
    .map(({ keys, one, other }) => toField(keys, { one, other, kind }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

interface Difference {
  readonly keys: readonly string[];
  readonly one: unknown;
  readonly other: unknown;
}

function compare(one: unknown, other: unknown, keys: readonly string[]): Difference[] {
  const [old, next] = [mapOrNothing(one), mapOrNothing(other)];
  const all = [...new Set([...Object.keys(old ?? {}), ...Object.keys(next ?? {})])];
  if (old !== undefined && next !== undefined && all.length > 0) {
    return all.flatMap((key) => compare(old[key], next[key], [...keys, key]));
  }
  if (Array.isArray(one) && Array.isArray(other) && one.length === other.length && [...one, ...other].every(isMap)) {
    return one.flatMap((item, index) => compare(item, other[index], [...keys, String(index)]));
  }
  return canonical(one) === canonical(other) ? [] : [{ keys, one, other }];
}

/** A map; empty for undefined, so that a new map is compared key by key. */
function mapOrNothing(value: unknown): Plain | undefined {
  return value === undefined ? {} : isMap(value) ? value : undefined;
}

function toField(
  keys: readonly string[],
  { one, other, kind }: { one: unknown; other: unknown; kind: string },
): FieldChange {
  const path = pathOf(keys);
  if (isSecret(keys, kind) || [one, other].some(holdsSecret)) return { path, hidden: true };
  return {
    path,
    ...(one === undefined ? {} : { before: one }),
    ...(other === UNKNOWN ? { unknown: true } : other === undefined ? {} : { after: other }),
  };
}

function isSecret(keys: readonly string[], kind: string): boolean {
  return SECRET_FIELDS[kind]?.includes(keys[0] ?? "") === true || keys.some((key) => SECRET_KEYS.test(key));
}

/** Whether a value contains a secret: Pulumi's placeholder, ours, a key of a secret, or what a policy rejects as one in a text. */
function holdsSecret(value: unknown): boolean {
  if (typeof value === "string")
    return value.includes(SECRET) || value.startsWith("[secret ") || secretReason("", value) !== undefined;
  if (Array.isArray(value)) return value.some(holdsSecret);
  return isMap(value) && Object.entries(value).some(([key, below]) => SECRET_KEYS.test(key) || holdsSecret(below));
}

/** `spec.config.machineDefaults.subnets[0].name`; in the values of a ClusterDeployment without `spec.config.`. */
function pathOf(keys: readonly string[]): string {
  const [spec, config, ...rest] = keys;
  const shown = spec === "spec" && config === "config" && rest.length > 0 ? rest : keys;
  return shown
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : /^[\w-]+$/.test(key) ? `.${key}` : `["${key}"]`))
    .join("")
    .replace(/^\./, "");
}
