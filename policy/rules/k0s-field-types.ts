/** Compares a k0s configuration with the types of its fields. */
import type { Field } from "./field.ts";
import type { FieldsType, FieldType } from "./field-type.ts";
import { nearestKey } from "./nearest-key.ts";
import { isMap } from "./plain-values.ts";
import { compareMinors } from "./versions.ts";
import { safeWord, type Violation } from "./violation.ts";

/** Go's durations. */
const DURATION = /^-?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$|^0$/;

/** Every value below a field that k0s of a minor version does not accept; `minor` undefined: that no k0s accepts. Null is not set. */
export function typeViolations(field: Field, type: FieldType, minor: string | undefined): Violation[] {
  if (!field.isSet) return [];
  if (typeof type === "string") return simpleViolations(field, type, minor);
  if ("oneOf" in type) {
    const allowed = type.oneOf.map(sinceOf).filter(({ since }) => !isLater(since, minor));
    const names = allowed.map(({ name }) => name);
    return names.includes(field.text ?? "")
      ? []
      : [field.violation("is not a value that k0s accepts", `use ${names.join(" or ")}`)];
  }
  if ("pattern" in type) {
    if (field.text === undefined) return simpleViolations(field, "string", minor);
    return type.pattern.test(field.text) ? [] : [field.violation(type.reason, type.remedy)];
  }
  if ("list" in type) {
    if (!Array.isArray(field.value)) return [wrongType(field, "a list")];
    return field.items.flatMap((item) =>
      item.isSet ? typeViolations(item, type.list, minor) : [item.redacted("is empty", "remove it")],
    );
  }
  return isMap(field.value) ? fieldViolations(field, type, minor) : [wrongType(field, "a map")];
}

/** A name, and the minor that has it first. */
function sinceOf(text: string): { readonly name: string; readonly since: string | undefined } {
  const [name = "", since] = text.split("@");
  return { name, since };
}

/** A value without its fields that are null: not set, for k0s. In a map of texts null stays, since k0s reads it as "". */
export function withoutNullFields(value: unknown, type: FieldType | undefined): unknown {
  if (typeof type !== "object") return value;
  if ("list" in type) return Array.isArray(value) ? value.map((item) => withoutNullFields(item, type.list)) : value;
  if (!("fields" in type && isMap(value))) return value;
  const types = new Map(Object.entries(type.fields).map(([key, below]) => [sinceOf(key).name, below]));
  const kept = Object.entries(value).filter(([, below]) => below !== null);
  return Object.fromEntries(kept.map(([key, below]) => [key, withoutNullFields(below, types.get(key))]));
}

function isLater(since: string | undefined, minor: string | undefined): boolean {
  return since !== undefined && minor !== undefined && compareMinors(minor, since) < 0;
}

function fieldViolations(field: Field, { fields, required, of }: FieldsType, minor: string | undefined): Violation[] {
  const known = new Map(
    Object.entries(fields).map(([key, type]) => {
      const { name, since } = sinceOf(key);
      return [name, { type, since }];
    }),
  );
  return [
    ...required
      .filter((key) => !field.at(key).isSet || field.at(key).value === "")
      .map((key) => field.at(key).redacted("is missing, and k0s requires it", "add it")),
    ...field.entries.flatMap(([key, child]) => {
      const found = known.get(key);
      if (found === undefined)
        return [child.redacted(`is not a field of ${of ?? "k0s's ClusterConfig"}`, nearestKey(key, [...known.keys()]))];
      if (isLater(found.since, minor)) {
        const remedy = `use k0s ${found.since} or later, or remove it`;
        return [child.redacted(`is not a field of k0s ${safeWord(minor)}`, remedy)];
      }
      return typeViolations(child, found.type, minor);
    }),
  ];
}

/** k0s writes two dashes before it, and the component stops at one that is not a flag. */
const ARGUMENT = /^[A-Za-z0-9][\w.-]*$/;

const NAMES = {
  string: "a string",
  boolean: "a boolean",
  integer: "an integer",
  number: "a number",
  port: "a port",
  map: "a map",
} as const;
const IS: Readonly<Record<keyof typeof NAMES, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  // What Go has in an int32, which is the smallest.
  integer: (value) => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31,
  number: (value) => typeof value === "number",
  port: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65535,
  map: isMap,
};

function simpleViolations(field: Field, type: Extract<FieldType, string>, minor: string | undefined): Violation[] {
  if (type === "duration") {
    // Before 1.30 the timeout of a chart is a number of nanoseconds.
    if (typeof field.value === "number" && minor !== undefined && compareMinors(minor, "1.30") < 0) return [];
    return DURATION.test(field.text ?? "") ? [] : [field.violation("is not a duration", 'add a unit, such as "10m"')];
  }
  if (type === "arguments" || type === "texts") {
    if (!isMap(field.value)) return [wrongType(field, "a map")];
    return field.entries.flatMap(([key, child]) =>
      type === "texts" || ARGUMENT.test(key)
        ? simpleViolations(child, "string", minor)
        : [child.redacted("is not the name of an argument", "write it without dashes before it, and without =")],
    );
  }
  return IS[type](field.value) ? [] : [wrongType(field, NAMES[type])];
}

const REMEDIES: Readonly<Record<string, string>> = {
  "a string": "write it in quotes",
  "a boolean": "use true or false, without quotes",
  "a port": "use an integer from 1 to 65535",
};

/** Without the value, which can be a password. */
function wrongType(field: Field, expected: string): Violation {
  const { value } = field;
  if (value === null) return field.redacted(`is empty, not ${expected}`, `use ${expected}, or remove it`);
  const is = Array.isArray(value) ? "a list" : isMap(value) ? "a map" : `a ${typeof value}`;
  const reason = expected === "an integer" && Number.isInteger(value) ? "is too large" : `is ${is}, not ${expected}`;
  return field.redacted(
    expected === "a port" && typeof value === "number" ? "is not a valid port" : reason,
    REMEDIES[expected] ?? `use ${expected}`,
  );
}
