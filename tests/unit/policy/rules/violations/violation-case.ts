import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { PolicySettings, PolicyTarget } from "../../../../../policy/rules/rule.ts";
import { configOf, objectOf, specOf } from "../valid-stack.ts";

/** One field that is changed in a whole, and all that the rule then expected. */
export interface ViolationCase {
  readonly rule: string;
  /** What is changed, in a few words. @default the rule's example */
  readonly name?: string;
  readonly change: (targets: PolicyTarget[]) => void;
  /** What the stack expected of the rule, and the day. @default nothing, today */
  readonly settings?: Partial<PolicySettings>;
  /** Cluster API's own objects in place of the good stack. */
  readonly capi?: true;
  /** @default the rule's example */
  readonly expected?: readonly string[];
}

/** Settings of one rule. */
export function ruleSettings(rule: string, settings: object): Partial<PolicySettings> {
  return { rules: { [rule]: { ...settings } } };
}

/** A case of a rule with a `spec` of k0s.config; the lines are the violations, each without the path of that spec. */
export function k0sConfigCase(rule: string) {
  return (name: string, spec: unknown, lines: readonly string[], cluster: "demo" | "edge" = "demo"): ViolationCase => ({
    rule,
    name,
    change: (all) => {
      configOf(all, cluster)["k0s"].config = { spec };
    },
    expected: lines.map((line) => `clusters.${cluster}.k0s.config.spec.${line}`),
  });
}

/** Rows of a policy: the target, the field that is set in it, its value, and all violations without the field's path; null: none. */
type FieldRows = Readonly<
  Record<string, [at: string, field: string, value: unknown, ...violations: (string | null)[]][]>
>;

/** Cases of fields.yaml. A row without violations expects the policy's example. */
export const FIELDS: readonly ViolationCase[] = Object.entries(
  parse(readFileSync(join(import.meta.dirname, "fields.yaml"), "utf8")) as FieldRows,
).flatMap(([rule, rows]) =>
  rows.map(([at, field, value, ...violations]): ViolationCase => {
    const keys = field.split("/");
    const capi = at.includes(" ");
    const path = `${at}${capi ? " " : "."}${keys.join(".")}`;
    return {
      rule,
      name: `${at} ${field}: ${JSON.stringify(value).slice(0, 60)}`,
      ...(capi ? { capi } : {}),
      change: (all) => {
        const last = keys.at(-1) ?? "";
        const root = capi ? objectOf(all, at) : (specOf(all, at)["config"] ?? specOf(all, at));
        keys.slice(0, -1).reduce((below, key) => below[key], root)[last] = value;
      },
      ...(violations.length === 0
        ? {}
        : {
            expected: violations
              .filter((text) => text !== null)
              .map((text) => (text.startsWith(".") ? path + text : `${path}: ${text}`)),
          }),
    };
  }),
);
