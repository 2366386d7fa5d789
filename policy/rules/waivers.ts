/** Exemptions: clusters that a stack exempts from a rule, rules whose level it lowers, and whether it may. */
import { list, map, text } from "./plain-values.ts";
import {
  type EnforcementLevel,
  inProduction,
  isNonWaivable,
  type PolicySettings,
  type Rule,
  type Waiver,
} from "./rule.ts";
import type { Violation } from "./violation.ts";

const DATE = /^\d{4}-\d\d-\d\d$/;
const DAY_MS = 86_400_000;
/** A leap year. */
const MAX_DAYS = 366;
/** Words that state no reason. */
const FILLER = /^(to-?do|tbd|fixme|none|test|temp|temporary|later|because|reason|waived?|asdf?|foo|bar|xxx+|n\/?a)$/i;

/** An exemption of a stack with the rule that it is from. */
export interface StatedWaiver extends Waiver {
  readonly rule: string;
  /** Whether it is valid: a rule that may be waived, a reason, and a last day within a year. */
  readonly holds: boolean;
}

/** Reason and last day of an exemption, as written, and what is wrong with them. */
interface Justification {
  readonly reason: string;
  readonly until: string;
  readonly problem: Violation | undefined;
}

interface ParsedWaiver extends Justification {
  readonly path: string;
  readonly cluster: string;
}

function justification(path: string, written: Readonly<Record<string, unknown>>, now = new Date()): Justification {
  const reason = (text(written["reason"]) ?? "").trim();
  const until = text(written["until"]) ?? "";
  return { reason, until, problem: reasonProblem(path, reason) ?? untilProblem(path, until, now) };
}

function reasonProblem(path: string, reason: string): Violation | undefined {
  if (reason === "") return { path: `${path}.reason`, reason: "is empty", remedy: "state the reason" };
  const words = new Set(
    reason
      .toLowerCase()
      .match(/[\p{L}\p{N}/-]{3,}/gu)
      ?.filter((word) => !FILLER.test(word)),
  );
  if (words.size >= 2) return undefined;
  const remedy = "state in two words or more why the policy cannot be met, such as a ticket and its title";
  return { path: `${path}.reason`, value: reason, reason: "is not a reason", remedy };
}

function untilProblem(path: string, until: string, now: Date): Violation | undefined {
  const date = { path: `${path}.until`, value: until };
  const days = (Date.parse(until) - Date.parse(now.toISOString().slice(0, 10))) / DAY_MS;
  if (!DATE.test(until) || Number.isNaN(days)) {
    return { ...date, reason: "is not a date", remedy: "use YYYY-MM-DD, such as 2027-01-31" };
  }
  if (days < 0) return { ...date, reason: "is in the past", remedy: "fix the violation, or agree on a later date" };
  if (days <= MAX_DAYS) return undefined;
  return {
    ...date,
    reason: "is more than a year ahead",
    remedy: "set a day within a year, and agree on it again then",
  };
}

/** All exemptions of a stack, valid or not, by their last day. */
export function statedWaivers(settings: PolicySettings, rules: readonly Rule[]): StatedWaiver[] {
  return Object.keys(settings.rules ?? {})
    .flatMap((name) => {
      const rule = rules.find((one) => one.name === name);
      const mayBeExempt = rule !== undefined && !isNonWaivable(rule, settings);
      const lowered = rule === undefined ? [] : loweredLevel(rule, settings);
      return [
        ...waiversOf(name, settings),
        ...lowered.map(({ level, ...stated }) => ({ ...stated, cluster: `all (${level})` })),
      ].map(({ cluster, reason, until, problem }) => {
        return { rule: name, cluster, reason, until, holds: mayBeExempt && problem === undefined };
      });
    })
    .sort((one, other) => one.until.localeCompare(other.until));
}

function waiversOf(rule: string, { rules, now }: PolicySettings): ParsedWaiver[] {
  return list(rules?.[rule]?.waivers).map((waiver, index) => {
    const path = `policy.${rule}.waivers.${index}`;
    return { path, cluster: text(map(waiver)["cluster"]) ?? "", ...justification(path, map(waiver), now) };
  });
}

function validWaivers(rule: Rule, settings: PolicySettings): ParsedWaiver[] {
  return isNonWaivable(rule, settings)
    ? []
    : waiversOf(rule.name, settings).filter(({ problem }) => problem === undefined);
}

const LEVELS: readonly EnforcementLevel[] = ["disabled", "advisory", "mandatory"];

/** The level that a stack sets, if it is lower than the rule's own. In production it needs what a waiver needs. */
function loweredLevel(rule: Rule, settings: PolicySettings): (Justification & { level: EnforcementLevel })[] {
  const own = settings.rules?.[rule.name];
  const level = own?.enforcementLevel;
  if (level === undefined || LEVELS.indexOf(level) >= LEVELS.indexOf(rule.level(settings))) return [];
  const stated = justification(`policy.${rule.name}`, map(own), settings.now);
  const isFree = !inProduction(settings) && stated.reason === "" && stated.until === "";
  return [{ level, ...stated, problem: isFree ? undefined : stated.problem }];
}

/** The level of a rule: the stack's setting where it may set one, else the rule's own. */
export function enforcementLevel(rule: Rule, settings: PolicySettings): EnforcementLevel {
  const level = settings.rules?.[rule.name]?.enforcementLevel;
  const isRefused = isNonWaivable(rule, settings) || loweredLevel(rule, settings).some(({ problem }) => problem);
  return level === undefined || isRefused ? rule.level(settings) : level;
}

/** The violations of a rule without those of waived clusters. */
export function waive(rule: Rule, violations: readonly Violation[], settings: PolicySettings): Violation[] {
  const clusters = new Set(validWaivers(rule, settings).map(({ cluster }) => cluster));
  return violations.filter(({ cluster }) => cluster === undefined || !clusters.has(cluster));
}

/** Invalid waivers, and levels that the stack may not set. */
export function settingsViolations(rule: Rule, settings: PolicySettings): Violation[] {
  const waivers = waiversOf(rule.name, settings);
  const lowered = loweredLevel(rule, settings);
  if (!isNonWaivable(rule, settings)) return [...lowered, ...waivers].flatMap(({ problem }) => problem ?? []);
  const remedy = "remove it, and fix the violations";
  const unwaivable = `a rule that cannot be waived in ${settings.environment}`;
  const path = `policy.${rule.name}.enforcementLevel`;
  return [
    ...lowered.map(({ level: value }) => ({ path, value, reason: `lowers the level of ${unwaivable}`, remedy })),
    ...waivers.map(({ path }) => ({ path, reason: `waives ${unwaivable}`, remedy })),
  ];
}

/** A note for each valid exemption, which every run prints. */
export function waiverNotes(rule: Rule, settings: PolicySettings): Violation[] {
  const remedy = "fix the violation before that date";
  const lowered = isNonWaivable(rule, settings) ? [] : loweredLevel(rule, settings);
  return [
    ...lowered.flatMap(({ level, reason, until, problem }) => {
      const end = until === "" ? "" : ` until ${until}: ${reason}`;
      const note = { path: `policy.${rule.name}.enforcementLevel`, reason: `sets ${rule.name} to ${level}${end}` };
      return problem ? [] : [{ ...note, remedy: until === "" ? "remove it to enforce the policy" : remedy }];
    }),
    ...validWaivers(rule, settings).map(({ path, cluster, reason, until }) => ({
      path,
      reason: `waives ${rule.name} for the cluster ${cluster} until ${until}: ${reason}`,
      remedy,
    })),
  ];
}
