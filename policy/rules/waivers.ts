/** What a stack says of rules: which are not asked of which cluster, and whether it may say so. */

import { list, map, text } from "./plain-values.ts";
import type { PolicySettings, Rule, Waiver } from "./rule.ts";
import type { Violation } from "./violation.ts";

/** A waiver with the place where it stands. */
interface Written extends Waiver {
  readonly path: string;
}

const DAY = /^\d{4}-\d\d-\d\d$/;
/** Pulumi reads a day that stands in a stack file without quotes as a time. */
const MIDNIGHT = /T00:00:00Z$/;

/** A waiver as a stack states it, of which rule. */
export interface StatedWaiver extends Waiver {
  readonly rule: string;
  /** Whether it still holds; else it is past, or says no reason or no day. */
  readonly holds: boolean;
}

/** Every waiver that a stack states, whether it holds or not, by the day on which it ends. */
export function statedWaivers(settings: PolicySettings): StatedWaiver[] {
  return Object.keys(settings.rules ?? {})
    .flatMap((rule) =>
      waiversOf({ name: rule }, settings).map(({ path: _, ...waiver }) => ({
        rule,
        ...waiver,
        holds: isValid(waiver, settings),
      })),
    )
    .sort((one, other) => one.until.localeCompare(other.until));
}

function waiversOf({ name }: Pick<Rule, "name">, { rules }: PolicySettings): Written[] {
  return list(rules?.[name]?.waivers).map((waiver, index) => {
    const { cluster, reason, until } = map(waiver);
    const path = `policy.${name}.waivers.${index}`;
    return {
      path,
      cluster: text(cluster) ?? "",
      reason: text(reason) ?? "",
      until: (text(until) ?? "").replace(MIDNIGHT, ""),
    };
  });
}

function today({ now = new Date() }: PolicySettings): string {
  return now.toISOString().slice(0, 10);
}

function isValid(waiver: Waiver, settings: PolicySettings): boolean {
  return waiver.until >= today(settings) && DAY.test(waiver.until) && waiver.reason.trim() !== "";
}

/** What is left of a rule's faults once those that are waived are taken out. */
export function waive(rule: Rule, faults: readonly Violation[], settings: PolicySettings): Violation[] {
  if (rule.nonWaivable?.(settings) ?? false) return [...faults];
  const clusters = new Set(
    waiversOf(rule, settings)
      .filter((waiver) => isValid(waiver, settings))
      .map(({ cluster }) => cluster),
  );
  return faults.filter(({ cluster }) => cluster === undefined || !clusters.has(cluster));
}

/** Waivers and levels that may not stand there. */
export function settingsViolations(rule: Rule, settings: PolicySettings): Violation[] {
  const mustHold = rule.nonWaivable?.(settings) ?? false;
  const level = settings.rules?.[rule.name]?.enforcementLevel;
  const weakened: Violation[] =
    mustHold && level !== undefined && level !== "mandatory"
      ? [
          {
            path: `policy.${rule.name}.enforcementLevel`,
            value: level,
            reason: `lowers the level of a rule that cannot be waived in ${settings.environment}`,
            remedy: "remove it, and fix the violations",
          },
        ]
      : [];
  return [
    ...weakened,
    ...waiversOf(rule, settings).flatMap((waiver): Violation[] => {
      if (mustHold) {
        return [
          {
            path: waiver.path,
            reason: `waives a rule that cannot be waived in ${settings.environment}`,
            remedy: "remove it, and fix the violations",
          },
        ];
      }
      if (waiver.reason.trim() === "") {
        return [{ path: `${waiver.path}.reason`, reason: "is empty", remedy: "state the reason" }];
      }
      return isValid(waiver, settings) ? [] : [endedFault(waiver)];
    }),
  ];
}

function endedFault({ path, until }: Written): Violation {
  return DAY.test(until)
    ? {
        path: `${path}.until`,
        value: until,
        reason: "is in the past",
        remedy: "fix the violation, or agree on a later date",
      }
    : {
        path: `${path}.until`,
        value: until,
        reason: "is not a date",
        remedy: "use YYYY-MM-DD, such as 2027-01-31",
      };
}

/** Each waiver that holds, for people to read on every run. */
export function waiverNotes(rule: Rule, settings: PolicySettings): Violation[] {
  if (rule.nonWaivable?.(settings) ?? false) return [];
  return waiversOf(rule, settings)
    .filter((waiver) => isValid(waiver, settings))
    .map(({ path, cluster, reason, until }) => ({
      path,
      reason: `waives ${rule.name} for the cluster ${cluster} until ${until}: ${reason}`,
      remedy: "fix the violation before that date",
    }));
}
