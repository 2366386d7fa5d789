/** What a stack says of rules: the same shape as Pulumi's own configuration of a policy pack, read from the rules themselves. */
import * as z from "zod";
import { addressRange } from "../policy/rules/address-ranges.ts";
import { RULES } from "../policy/rules/index.ts";
import type { Rule, SettingSchema } from "../policy/rules/rule.ts";
import { because, cidr } from "./primitives.ts";

const NO_DAY = because("is not a date", "use YYYY-MM-DD, such as 2027-01-31");
/** A day. Pulumi hands a day without quotes over as a time at midnight. */
export const day = z
  .string({ error: NO_DAY })
  .refine((text) => /^\d{4}-\d\d-\d\d(T00:00:00Z)?$/.test(text) && !Number.isNaN(Date.parse(text)), { error: NO_DAY });

const NO_RANGE = because("is no range of IPv4 addresses", "write 10.1.1.50-10.1.1.150 or 10.1.1.128/25");
const pool = z.string({ error: NO_RANGE }).refine((text) => addressRange(text) !== undefined, { error: NO_RANGE });

/** A network of the nodes. */
export const nodeNetwork = z.strictObject({
  cidr: cidr.describe("its range of addresses"),
  pools: z.array(pool).default([]).describe("ranges of it that DHCP and IPAM hand out"),
});

/** Networks of the nodes, by the name or the UUID that machines name them by. */
export const networks = z.record(z.string().min(1), nodeNetwork);

const waiver = z.strictObject({
  cluster: z.string().min(1).describe("name of the cluster that the rule is not asked of"),
  reason: z.string().min(1, because("is empty", "state the reason")).describe("why, printed on every run"),
  until: day.describe("last day that it holds"),
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
    enforcementLevel: z
      .enum(["mandatory", "advisory", "disabled"])
      .optional()
      .describe("refuse, warn, or do not ask; default: the rule's own"),
    waivers: z.array(waiver).optional().describe("clusters that the rule is not asked of"),
    ...Object.fromEntries(own),
  });
}

const byRule: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  RULES.map((rule) => [rule.name, ruleSettings(rule).optional().describe(rule.why)]),
);

/** Settings of rules, by the rules' names. */
export const policy = z.strictObject(byRule);
