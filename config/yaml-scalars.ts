/** Scalars as gopkg.in/yaml.v3 resolves them: numbers of YAML 1.1 and 1.2, booleans of 1.2, dates as Pulumi prints them. */
import type { Scalar } from "yaml";

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
]);
const NO_NUMBER = /^(?:\.nan|\.NaN|\.NAN|[-+]?\.(?:inf|Inf|INF))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const DATE =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d{1,9})?(?:Z|([-+]\d\d):(\d\d)))|(?: +(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d{1,9})?))?$/;
const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  int: Number.isInteger,
  float: (value) => typeof value === "number",
  bool: (value) => typeof value === "boolean",
  null: (value) => value === null,
};

/** @throws Error where the value has another type than its tag, or is not a number of JSON. */
export function scalarValue({ value, type, tag }: Scalar): unknown {
  const text = String(value);
  if (tag === undefined || tag === "!") return type === "PLAIN" ? resolve(text) : text;
  const name = tag.replace("tag:yaml.org,2002:", "");
  if (name === "binary") return Buffer.from(text, "base64").toString("utf8");
  if (name === "timestamp") {
    const date = dateText(text);
    if (date === undefined) throw new Error("the value is not of the type !!timestamp");
    return date;
  }
  const isOfType = TYPES[name];
  if (isOfType === undefined) return text;
  const resolved = resolve(text);
  if (!isOfType(resolved)) throw new Error(`the value is not of the type !!${name}`);
  return resolved;
}

function resolve(text: string): unknown {
  if (WORDS.has(text)) return WORDS.get(text);
  if (NO_NUMBER.test(text)) throw new Error(`${text} is not a number of JSON`);
  if (/^\.\d/.test(text)) return FLOAT.test(text) ? Number(text) : text;
  if (!/^[-+\d]/.test(text)) return text;
  return dateText(text) ?? numberOf(text.replaceAll("_", "")) ?? text;
}

/** `010` is 8, `08` is a float, and what 64 bits cannot hold is a float too. */
function numberOf(plain: string): number | undefined {
  const [, sign, hexadecimal, binary, octal, decimal] = INTEGER.exec(plain) ?? [];
  const digits = (hexadecimal && `0x${hexadecimal}`) || (binary && `0b${binary}`) || (octal && `0o${octal}`) || decimal;
  if (digits !== undefined) {
    const size = BigInt(digits);
    if (size < (sign === "" ? 2n ** 64n : 2n ** 63n + (sign === "-" ? 1n : 0n)))
      return size === 0n ? 0 : Number(sign === "-" ? -size : size);
  }
  return FLOAT.test(plain) ? Number(plain) : undefined;
}

/** Go's text of a date, which is what the program gets; undefined where the text is none. */
function dateText(text: string): string | undefined {
  const [, year = "", month, day, hour, minute, second, fraction, zone, zoneMinute, ...spaced] = DATE.exec(text) ?? [];
  if (year === "") return undefined;
  const [h = 0, m = 0, s = 0] = [hour ?? spaced[0], minute ?? spaced[1], second ?? spaced[2]].map((part) =>
    Number(part ?? 0),
  );
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > days) return undefined;
  if (h > 23 || m > 59 || s > 59) return undefined;
  const two = (part: number) => String(part).padStart(2, "0");
  const offset = zone === undefined ? "+0000 UTC" : `${zone}${zoneMinute} ${zone}${zoneMinute}`;
  const part = (fraction ?? spaced[3] ?? "").replace(/\.?0*$/, "");
  return `${year}-${two(Number(month))}-${two(Number(day))} ${two(h)}:${two(m)}:${two(s)}${part} ${offset}`;
}

/** The same value with dates as they were written: an unquoted one reaches the program as Go's text of a time at midnight. */
export function withPlainDates(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/^(\d{4}-\d\d-\d\d) 00:00:00 \+0000 UTC$/, "$1");
  if (Array.isArray(value)) return value.map(withPlainDates);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, withPlainDates(below)]));
}
