/** What a stack says of rules: which are not asked of which cluster, and whether it may say so. */
import type { Fault } from "./fault.ts";
import { list, map, text } from "./plain.ts";
import type { Rule, Settings, Waiver } from "./rule.ts";

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
export function statedWaivers(settings: Settings): StatedWaiver[] {
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

function waiversOf({ name }: Pick<Rule, "name">, { rules }: Settings): Written[] {
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

function today({ now = new Date() }: Settings): string {
  return now.toISOString().slice(0, 10);
}

function isValid(waiver: Waiver, settings: Settings): boolean {
  return waiver.until >= today(settings) && DAY.test(waiver.until) && waiver.reason.trim() !== "";
}

/** What is left of a rule's faults once those that are waived are taken out. */
export function waive(rule: Rule, faults: readonly Fault[], settings: Settings): Fault[] {
  if (rule.mustHold?.(settings) ?? false) return [...faults];
  const clusters = new Set(
    waiversOf(rule, settings)
      .filter((waiver) => isValid(waiver, settings))
      .map(({ cluster }) => cluster),
  );
  return faults.filter(({ cluster }) => cluster === undefined || !clusters.has(cluster));
}

/** Waivers and levels that may not stand there. */
export function settingsFaults(rule: Rule, settings: Settings): Fault[] {
  const mustHold = rule.mustHold?.(settings) ?? false;
  const level = settings.rules?.[rule.name]?.enforcementLevel;
  const weakened: Fault[] =
    mustHold && level !== undefined && level !== "mandatory"
      ? [
          {
            path: `policy.${rule.name}.enforcementLevel`,
            value: level,
            reason: `weakens a rule that must hold in ${settings.environment}`,
            remedy: "take it out, and mend what the rule says",
          },
        ]
      : [];
  return [
    ...weakened,
    ...waiversOf(rule, settings).flatMap((waiver): Fault[] => {
      if (mustHold) {
        return [
          {
            path: waiver.path,
            reason: `waives a rule that must hold in ${settings.environment}`,
            remedy: "take it out, and mend what the rule says",
          },
        ];
      }
      if (waiver.reason.trim() === "") {
        return [
          { path: `${waiver.path}.reason`, reason: "is empty", remedy: "say why, for whoever reads it in a year" },
        ];
      }
      return isValid(waiver, settings) ? [] : [endedFault(waiver)];
    }),
  ];
}

function endedFault({ path, until }: Written): Fault {
  return DAY.test(until)
    ? { path: `${path}.until`, value: until, reason: "is past", remedy: "mend what is waived, or agree on another day" }
    : {
        path: `${path}.until`,
        value: until,
        reason: "is no day",
        remedy: "write it as year-month-day, such as 2027-01-31",
      };
}

/** Each waiver that holds, for people to read on every run. */
export function waiverNotes(rule: Rule, settings: Settings): Fault[] {
  if (rule.mustHold?.(settings) ?? false) return [];
  return waiversOf(rule, settings)
    .filter((waiver) => isValid(waiver, settings))
    .map(({ path, cluster, reason, until }) => ({
      path,
      reason: `waives ${rule.name} for the cluster ${cluster} until ${until}: ${reason}`,
      remedy: "mend what is waived before that day",
    }));
}
