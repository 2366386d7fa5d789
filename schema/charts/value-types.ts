/** Types of the charts' values. Helm checks patterns alone, in Go's syntax: what a rule or a refinement checks elsewhere is a pattern here. */
import * as z from "zod";
import { bytes } from "../../policy/rules/plain-values.ts";
import { because, unique } from "../primitives.ts";

/** A value that null removes: Helm then gives the templates none, and they do without. */
export function optional<T extends z.ZodType>(schema: T, fallback: unknown) {
  return schema.optional().meta({ default: fallback });
}

/** A host by DNS name or IPv4 address. */
export const hostName = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$/);

/** Name of a Kubernetes object, a namespace or a domain. */
export const dnsName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);

/** PEM text of certificates. */
export const pem = notMatching(z.string(), "PRIVATE KEY", "has a private key");

/** A list without duplicates. */
export function distinct<T extends z.ZodType>(
  items: T,
  { minItems = 0, maxItems }: { minItems?: number; maxItems: number },
) {
  return unique(z.array(items).min(minItems).max(maxItems), "an item").meta({ uniqueItems: true });
}

/** A text that does not match, in JSON Schema too. */
export function notMatching<T extends z.ZodType<string>>(schema: T, pattern: string, reason: string): T {
  return schema
    .refine((text) => !new RegExp(pattern).test(text), { error: because(reason, "use another") })
    .meta({ not: { pattern } });
}

type Keys = Readonly<Record<string, unknown>>;

/** Keys that are required, or only allowed, beside a value of another key, in JSON Schema too. */
export function keysOf<T extends z.ZodType<Keys>>(
  object: T,
  [key, value]: readonly [key: string, value: unknown],
  { required = [], only = [] }: { required?: readonly string[]; only?: readonly string[] },
): T {
  const is = { properties: { [key]: { const: value } } };
  const beside = `${key}: ${String(value)}`;
  return object
    .superRefine((given, context) => {
      const issues =
        given[key] === value
          ? required
              .filter((name) => given[name] === undefined)
              .map((name) => [name, because(`is missing beside ${beside}`, "set it")] as const)
          : only
              .filter((name) => given[name] !== undefined)
              .map((name) => [name, because(`has no effect without ${beside}`, "remove it")] as const);
      for (const [name, message] of issues) context.addIssue({ code: "custom", path: [name], message });
    })
    .meta({
      if: is,
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { required },
      dependencies: Object.fromEntries(only.map((each) => [each, is])),
    });
}

/** An amount of memory or disk of at least this one. */
export function atLeast(smallest: string) {
  const least = bytes(smallest) ?? 0;
  const perUnit = ["Ti", "Gi", "Mi", "Ki", "T", "G", "M", "k"].map(
    (unit) => `(${numbersFrom(Math.ceil(least / (bytes(`1${unit}`) ?? 1)))})${unit}`,
  );
  return z.string().regex(new RegExp(`^(${perUnit.join("|")})$`));
}

/** Pattern of the whole numbers from this one on. */
function numbersFrom(least: number): string {
  const digits = String(least);
  const larger = [...digits].flatMap((digit, at) =>
    digit === "9" ? [] : [`${digits.slice(0, at)}[${Number(digit) + 1}-9][0-9]{${digits.length - at - 1}}`],
  );
  return [digits, ...larger, `[1-9][0-9]{${digits.length},}`].join("|");
}
