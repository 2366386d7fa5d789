/** Waivers: which clusters a stack exempts from which rules, and whether it may. */
import { list, map, text } from "./plain-values.ts";
import { isNonWaivable, type PolicySettings, type Rule, type Waiver } from "./rule.ts";
import type { Violation } from "./violation.ts";

const DATE = /^\d{4}-\d\d-\d\d$/;
/** Pulumi reads an unquoted date in a stack file as a time. */
const MIDNIGHT = /T00:00:00Z$/;

/** A waiver of a stack with the rule that it waives. */
export interface StatedWaiver extends Waiver {
  readonly rule: string;
  /** Whether it is valid: not expired, with a reason and a date. */
  readonly holds: boolean;
}

/** All waivers of a stack, valid or not, by their last day. */
export function statedWaivers(settings: PolicySettings): StatedWaiver[] {
  return Object.keys(settings.rules ?? {})
    .flatMap((rule) => waiversOf(rule, settings).map(({ path: _, ...waiver }) => ({ rule, ...waiver })))
    .sort((one, other) => one.until.localeCompare(other.until));
}

interface ParsedWaiver extends Waiver {
  readonly path: string;
  readonly holds: boolean;
}

function waiversOf(rule: string, { rules, now = new Date() }: PolicySettings): ParsedWaiver[] {
  const today = now.toISOString().slice(0, 10);
  return list(rules?.[rule]?.waivers).map((waiver, index) => {
    const { cluster, ...written } = map(waiver);
    const reason = text(written["reason"]) ?? "";
    const until = (text(written["until"]) ?? "").replace(MIDNIGHT, "");
    const holds = until >= today && DATE.test(until) && reason.trim() !== "";
    return { path: `policy.${rule}.waivers.${index}`, cluster: text(cluster) ?? "", reason, until, holds };
  });
}

function validWaivers(rule: Rule, settings: PolicySettings): ParsedWaiver[] {
  return isNonWaivable(rule, settings) ? [] : waiversOf(rule.name, settings).filter(({ holds }) => holds);
}

/** The violations of a rule without those of waived clusters. */
export function waive(rule: Rule, violations: readonly Violation[], settings: PolicySettings): Violation[] {
  const clusters = new Set(validWaivers(rule, settings).map(({ cluster }) => cluster));
  return violations.filter(({ cluster }) => cluster === undefined || !clusters.has(cluster));
}

/** Invalid waivers, and levels that the stack may not set. */
export function settingsViolations(rule: Rule, settings: PolicySettings): Violation[] {
  const waivers = waiversOf(rule.name, settings);
  if (!isNonWaivable(rule, settings)) return waivers.filter(({ holds }) => !holds).map(invalidWaiver);
  const level = settings.rules?.[rule.name]?.enforcementLevel;
  const remedy = "remove it, and fix the violations";
  const unwaivable = `a rule that cannot be waived in ${settings.environment}`;
  return [
    ...(level === undefined || level === "mandatory"
      ? []
      : [
          {
            path: `policy.${rule.name}.enforcementLevel`,
            value: level,
            reason: `lowers the level of ${unwaivable}`,
            remedy,
          },
        ]),
    ...waivers.map(({ path }) => ({ path, reason: `waives ${unwaivable}`, remedy })),
  ];
}

function invalidWaiver({ path, reason, until }: ParsedWaiver): Violation {
  if (reason.trim() === "") return { path: `${path}.reason`, reason: "is empty", remedy: "state the reason" };
  const date = { path: `${path}.until`, value: until };
  return DATE.test(until)
    ? { ...date, reason: "is in the past", remedy: "fix the violation, or agree on a later date" }
    : { ...date, reason: "is not a date", remedy: "use YYYY-MM-DD, such as 2027-01-31" };
}

/** A note for each valid waiver, which every run prints. */
export function waiverNotes(rule: Rule, settings: PolicySettings): Violation[] {
  return validWaivers(rule, settings).map(({ path, cluster, reason, until }) => ({
    path,
    reason: `waives ${rule.name} for the cluster ${cluster} until ${until}: ${reason}`,
    remedy: "fix the violation before that date",
  }));
}
