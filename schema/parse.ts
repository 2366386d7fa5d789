import leven from "leven";
import * as z from "zod";
import type { Violation } from "../policy/rules/violation.ts";

export type Parsed<T> =
  | { readonly value: T; readonly faults: [] }
  | { readonly value: undefined; readonly faults: Violation[] };

/**
 * Reads plain data by a schema. Every fault is reported, with its path below `at`.
 * With `secret`, no fault carries a value.
 */
export function parse<T extends z.ZodType>(
  schema: T,
  input: unknown,
  { at, secret = false }: { at: string; secret?: boolean },
): Parsed<z.infer<T>> {
  const lost = lostKeys(input, at);
  if (lost.length > 0) return { value: undefined, faults: lost };
  const known: KnownKeys = new WeakMap();
  const result = schema.safeParse(input, { error: (issue) => describe(issue, known), reportInput: !secret });
  if (result.success) {
    return { value: result.data, faults: [] };
  }
  const from = { at, input, secret, known };
  return { value: undefined, faults: result.error.issues.flatMap((issue) => toFaults(issue, from)) };
}

/** Keys that a schema knows, by the list of those that it does not: zod tells them while it reads only. */
type KnownKeys = WeakMap<readonly string[], readonly string[]>;

interface Source {
  readonly at: string;
  readonly input: unknown;
  readonly secret: boolean;
  readonly known: KnownKeys;
}

/** Keys that no plain object can keep: JavaScript would drop them without a word. */
function lostKeys(value: unknown, at: string): Violation[] {
  const pending = [{ at, value }];
  const faults: Violation[] = [];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next.value !== "object" || next.value === null) continue;
    for (const [key, below] of Object.entries(next.value)) {
      const path = join([next.at, key]);
      if (key === "__proto__") faults.push({ path, reason: "is a key that cannot be kept", remedy: "choose another" });
      else pending.push({ at: path, value: below });
    }
  }
  return faults;
}

function toFaults(issue: z.core.$ZodIssue, from: Source): Violation[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: join([from.at, ...path, key]),
      reason: "is not a key that is known here",
      remedy: nearest(key, from.known.get(issue.keys) ?? []),
    }));
  }
  if (issue.code === "invalid_key" && issue.issues[0]) {
    return [split(join([from.at, ...path]), undefined, issue.issues[0].message)];
  }
  const value = from.secret ? undefined : valueAt(from.input, issue.path);
  return [split(join([from.at, ...path]), isPlain(value) ? value : undefined, issue.message)];
}

function split(path: string, value: unknown, message: string): Violation {
  const [reason = message, ...rest] = message.split("; ");
  const fault = { path, reason, remedy: rest.join("; ") || "see the table of settings in the README" };
  return value === undefined ? fault : { ...fault, value };
}

/** Messages for what zod finds by itself; schemas with a message of their own keep it. */
function describe(issue: z.core.$ZodRawIssue, known: KnownKeys): string | undefined {
  switch (issue.code) {
    case "unrecognized_keys":
      if (issue.inst instanceof z.ZodObject) known.set(issue.keys, Object.keys(issue.inst.shape));
      return undefined;
    case "invalid_type": {
      const expected = typeWords(String(issue.expected));
      if (issue.input === undefined) return "is missing; add it";
      return `is ${typeWords(typeName(issue.input))}, not ${expected}; write ${expected === "text" ? "text, in quotes" : expected}`;
    }
    case "invalid_value":
      return `is not one of the values that are known; write ${issue.values.map(String).join(" or ")}`;
    case "too_small":
      if (issue.origin !== "number" && issue.origin !== "int") return "is empty; fill it in, or take it out";
      return `is too small; write ${issue.minimum} or more`;
    case "too_big":
      return `is too large; write ${issue.maximum} or less`;
    default:
      return undefined;
  }
}

const LONGEST_KEY = 63;

function nearest(key: string, known: readonly string[]): string {
  if (key.length > LONGEST_KEY) return "take it out";
  const best = [...known].sort((one, other) => leven(key, one) - leven(key, other))[0];
  return best !== undefined && leven(key, best) <= Math.max(2, key.length / 3)
    ? `did you mean "${best}"?`
    : "take it out";
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}

function isPlain(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** Types in the words of YAML, and not in those of JavaScript. */
function typeWords(type: string): string {
  const words: Readonly<Record<string, string>> = {
    null: "empty",
    array: "a list",
    string: "text",
    object: "a map",
    record: "a map",
    boolean: "true or false",
  };
  return words[type] ?? `a ${type}`;
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(".");
}
