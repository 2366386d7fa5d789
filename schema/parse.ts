import * as z from "zod";
import { nearestKey } from "../policy/rules/nearest-key.ts";
import type { Violation } from "../policy/rules/violation.ts";

export type Parsed<T> =
  | { readonly value: T; readonly violations: [] }
  | { readonly value: undefined; readonly violations: Violation[] };

/** Parses plain data and reports every violation, with its path below `at`; without values if the data is `secret`. */
export function parse<T extends z.ZodType>(
  schema: T,
  input: unknown,
  { at, secret = false }: { at: string; secret?: boolean },
): Parsed<z.infer<T>> {
  const reserved = reservedKeys(input, at);
  if (reserved.length > 0) return { value: undefined, violations: reserved };
  const known: KnownKeys = new WeakMap();
  const result = schema.safeParse(input, { error: (issue) => describe(issue, known), reportInput: !secret });
  if (result.success) {
    return { value: result.data, violations: [] };
  }
  const from = { at, input, secret, known };
  const violations = result.error.issues.flatMap((issue) => toViolations(issue, from));
  const inputs = withVariants(input, result.error.issues);
  const [first = [], ...others] = inputs.map((one) => parse(schema, one, { at, secret }).violations);
  return { value: undefined, violations: [...violations, ...first.filter(isNew(violations)).filter(isIn(others))] };
}

const key = ({ path, reason }: Violation) => `${path}\n${reason}`;

function isNew(former: readonly Violation[]): (violation: Violation) => boolean {
  const keys = new Set(former.map(key));
  return (violation) => !keys.has(key(violation));
}

function isIn(lists: readonly (readonly Violation[])[]): (violation: Violation) => boolean {
  const sets = lists.map((list) => new Set(list.map(key)));
  return (violation) => sets.every((set) => set.has(key(violation)));
}

/** The input with each variant in place of one that does not exist, which hides what else is wrong beside it. */
function withVariants(input: unknown, issues: readonly z.core.$ZodIssue[]): unknown[] {
  const unions = issues.flatMap((issue) => {
    const { options } = issue as { options?: readonly unknown[] };
    return issue.code === "invalid_union" && options !== undefined ? [{ path: issue.path, options }] : [];
  });
  return Array.from({ length: Math.max(0, ...unions.map(({ options }) => options.length)) }, (_, index) => {
    const copy = structuredClone(input);
    for (const { path, options } of unions) {
      const parent = valueAt(copy, path.slice(0, -1)) as Record<PropertyKey, unknown>;
      parent[path.at(-1) ?? ""] = options[index % options.length];
    }
    return copy;
  });
}

/** The keys of a schema, by the list of unknown keys in zod's issue: the final issue no longer has the schema. */
type KnownKeys = WeakMap<readonly string[], readonly string[]>;

interface ParseSource {
  readonly at: string;
  readonly input: unknown;
  readonly secret: boolean;
  readonly known: KnownKeys;
}

/** Keys that JavaScript drops silently. */
function reservedKeys(value: unknown, at: string): Violation[] {
  const pending: Place[] = [{ key: at, value, above: undefined }];
  const violations: Violation[] = [];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next.value !== "object" || next.value === null) continue;
    for (const [key, below] of Object.entries(next.value)) {
      const place = { key, value: below, above: next };
      if (key !== "__proto__") pending.push(place);
      else violations.push({ path: pathOf(place), reason: "is a reserved key", remedy: "use another" });
    }
  }
  return violations;
}

/** A value and where it is: the path is written only where something is wrong. */
interface Place {
  readonly key: string;
  readonly value: unknown;
  readonly above: Place | undefined;
}

function pathOf({ key, above }: Place): string {
  return above === undefined ? key : join([pathOf(above), key]);
}

function toViolations(issue: z.core.$ZodIssue, from: ParseSource): Violation[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: join([from.at, ...path, key]),
      reason: "is an unknown key",
      remedy: nearestKey(key, from.known.get(issue.keys) ?? []),
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
  const violation = { path, reason, remedy: rest.join("; ") || "see the configuration reference" };
  return value === undefined ? violation : { ...violation, value };
}

/** Messages of zod's own checks; schemas with their own message keep it. */
function describe(issue: z.core.$ZodRawIssue, known: KnownKeys): string | undefined {
  switch (issue.code) {
    case "unrecognized_keys":
      if (issue.inst instanceof z.ZodObject) known.set(issue.keys, Object.keys(issue.inst.shape));
      return undefined;
    case "invalid_type": {
      const expected = yamlType(String(issue.expected));
      if (issue.input === undefined) return "is missing; add it";
      return `is ${yamlType(typeName(issue.input))}, not ${expected}; use ${EXAMPLES[expected] ?? expected}`;
    }
    case "invalid_format":
      return "is not in the required form; see the configuration reference";
    case "invalid_value":
      return `is not an allowed value; use ${issue.values.map(String).join(" or ")}`;
    case "too_small":
      if (issue.origin !== "number" && issue.origin !== "int") return "is empty; set it, or remove it";
      return `is too small; use ${issue.minimum} or more`;
    case "too_big":
      return `is too large; use ${issue.maximum} or less`;
    default:
      return undefined;
  }
}

/** What to use for types whose name alone does not say it. */
const EXAMPLES: Readonly<Record<string, string>> = { "a string": "a string, in quotes", "a boolean": "true or false" };

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

/** Names of types in YAML. */
function yamlType(type: string): string {
  const words: Readonly<Record<string, string>> = {
    null: "empty",
    array: "a list",
    string: "a string",
    object: "a map",
    record: "a map",
    boolean: "a boolean",
  };
  return words[type] ?? `a ${type}`;
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(".");
}
