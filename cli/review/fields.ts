import type { Field } from "./model.ts";

/** What Pulumi writes for a secret, and for a value that is known only during the update. */
export const SECRET = "[secret]";
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

type Plain = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Keys whose values are shown to nobody, wherever they stand: a careful reader hides too much rather than too little. */
const TELLING = /pass(word|wd|phrase|$)|token|api-?key|private-?key|secret-?(key|access)|^auths?$/i;
/** Parts of objects that hold secrets as a whole. */
const SECRET_PARTS: Readonly<Record<string, readonly string[]>> = { Secret: ["data", "stringData"] };

/** Fields in which two states of an object differ, in the order of their paths; secrets are named and not shown. */
export function differences(before: Plain, after: Plain): Field[] {
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
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)) ? [] : [{ keys, one, other }];
}

/** A map, or an empty one for what is not there: what a new map holds is told key by key. */
function mapOrNothing(value: unknown): Plain | undefined {
  return value === undefined ? {} : isMap(value) ? value : undefined;
}

/** The same data with keys in one order, so that equal data has equal text. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

function toField(keys: readonly string[], { one, other, kind }: { one: unknown; other: unknown; kind: string }): Field {
  const path = pathOf(keys);
  if (isSecret(keys, kind) || [one, other].some(holdsSecret)) return { path, hidden: true };
  return {
    path,
    ...(one === undefined ? {} : { before: one }),
    ...(other === UNKNOWN ? { unknown: true } : other === undefined ? {} : { after: other }),
  };
}

function isSecret(keys: readonly string[], kind: string): boolean {
  return SECRET_PARTS[kind]?.includes(keys[0] ?? "") === true || keys.some((key) => TELLING.test(key));
}

/** Whether a secret stands in a value, by Pulumi's mark, by the word that stands for it, or by the name of its key. */
function holdsSecret(value: unknown): boolean {
  if (typeof value === "string") return value.includes(SECRET) || value.startsWith("[secret ");
  if (Array.isArray(value)) return value.some(holdsSecret);
  return isMap(value) && Object.entries(value).some(([key, below]) => TELLING.test(key) || holdsSecret(below));
}

/** `spec.config.machineDefaults.subnets[0].name`; of a ClusterDeployment's values only what follows `spec.config.`. */
function pathOf(keys: readonly string[]): string {
  const [spec, config, ...rest] = keys;
  const shown = spec === "spec" && config === "config" && rest.length > 0 ? rest : keys;
  return shown
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : /^[\w-]+$/.test(key) ? `.${key}` : `["${key}"]`))
    .join("")
    .replace(/^\./, "");
}
