/** A stack's settings of policies, in the shape of Pulumi's own configuration of a policy pack; generated from the rules. */
import * as z from "zod";
import { addressRange } from "../policy/rules/address-ranges.ts";
import { RULES } from "../policy/rules/index.ts";
import type { Rule, SettingSchema } from "../policy/rules/rule.ts";
import { because, cidr } from "./primitives.ts";

const NO_DATE = because("is not a date", "use YYYY-MM-DD, such as 2027-01-31");
/** A date. */
export const date = z
  .string({ error: NO_DATE })
  .refine((text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)), { error: NO_DATE });

const NO_RANGE = because("is not a range of IPv4 addresses", "use 10.1.1.50-10.1.1.150 or 10.1.1.128/25");
const pool = z.string({ error: NO_RANGE }).refine((text) => addressRange(text) !== undefined, { error: NO_RANGE });

/** A node network. */
const nodeNetwork = z.strictObject({
  cidr: cidr.describe("its CIDR block"),
  pools: z.array(pool).default([]).describe("ranges that DHCP and IPAM assign from"),
});

/** Node networks, by the name or UUID that machines refer to. */
export const networks = z.record(z.string().min(1), nodeNetwork);

const reason = z.string().min(1, because("is empty", "state the reason"));

const waiver = z.strictObject({
  cluster: z.string().min(1).describe("name of the cluster that the rule does not apply to"),
  reason: reason.describe("reason, printed on every run"),
  until: date.describe("last day of validity, within a year"),
});

function setting(name: string, { type, minimum, description }: SettingSchema): z.ZodType {
  if (name === "networks") return networks.describe(description);
  const shapes: Readonly<Record<SettingSchema["type"], z.ZodType>> = {
    integer: z.int().min(minimum ?? 0),
    string: z.string(),
    array: z.array(z.string().min(1)),
    object: z.record(z.string(), z.string()),
  };
  return shapes[type].describe(description);
}

function ruleSettings(rule: Rule): z.ZodType {
  const own = Object.entries(rule.settings ?? {}).map(([name, schema]) => [name, setting(name, schema).optional()]);
  return z.strictObject({
    enforcementLevel: z.enum(["mandatory", "advisory", "disabled"]).optional().describe("default: the rule's own"),
    reason: reason.optional().describe("why the level is lower than the rule's own; required in production"),
    until: date.optional().describe("last day of the lower level, within a year; required in production"),
    waivers: z.array(waiver).optional().describe("clusters that the rule does not apply to"),
    ...Object.fromEntries(own),
  });
}

const byRule: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  RULES.map((rule) => [rule.name, ruleSettings(rule).optional().describe(rule.why)]),
);

/** Settings of policies, by name. */
export const policy = z.strictObject(byRule);
