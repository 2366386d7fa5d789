import leven from "leven";
import * as z from "zod";
import type { Fault } from "../policy/rules/fault.ts";

export type Parsed<T> = { readonly value: T; readonly faults: [] } | { readonly value: undefined; readonly faults: Fault[] };

/**
 * Reads plain data by a schema. Every fault is reported, with its path below `at`.
 * With `secret`, no fault carries a value.
 */
export function parse<T extends z.ZodType>(
  schema: T,
  input: unknown,
  { at, secret = false }: { at: string; secret?: boolean },
): Parsed<z.infer<T>> {
  const result = schema.safeParse(input, { error: describe, reportInput: !secret });
  if (result.success) {
    return { value: result.data, faults: [] };
  }
  return { value: undefined, faults: result.error.issues.flatMap((issue) => toFaults(issue, { at, input, secret })) };
}

function toFaults(issue: z.core.$ZodIssue, from: { at: string; input: unknown; secret: boolean }): Fault[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(issue);
    return issue.keys.map((key) => ({
      path: join([from.at, ...path, key]),
      reason: "is not a key that is known here",
      remedy: nearest(key, known),
    }));
  }
  if (issue.code === "invalid_key" && issue.issues[0]) {
    return [split(join([from.at, ...path]), undefined, issue.issues[0].message)];
  }
  const value = from.secret ? undefined : valueAt(from.input, issue.path);
  return [split(join([from.at, ...path]), isPlain(value) ? value : undefined, issue.message)];
}

function split(path: string, value: unknown, message: string): Fault {
  const [reason = message, ...rest] = message.split("; ");
  const fault = { path, reason, remedy: rest.join("; ") || "see the table of settings in the README" };
  return value === undefined ? fault : { ...fault, value };
}

/** Messages for what zod finds by itself; schemas with a message of their own keep it. */
function describe(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? "is missing; add it"
        : `is ${article(typeName(issue.input))}, not ${article(String(issue.expected))}; write ${article(String(issue.expected))}`;
    case "invalid_value":
      return `is not one of the values that are known; write ${issue.values.map(String).join(" or ")}`;
    case "too_small":
      return `is too small; write ${issue.minimum} or more`;
    case "too_big":
      return `is too large; write ${issue.maximum} or less`;
    default:
      return undefined;
  }
}

function knownKeys(issue: z.core.$ZodIssue): string[] {
  const schema: unknown = "inst" in issue ? issue.inst : undefined;
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function nearest(key: string, known: readonly string[]): string {
  const best = [...known].sort((one, other) => leven(key, one) - leven(key, other))[0];
  return best !== undefined && leven(key, best) <= Math.max(2, key.length / 3) ? `did you mean "${best}"?` : "take it out";
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined),
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

function article(noun: string): string {
  if (noun === "null") return noun;
  return /^[aeio]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(".");
}
