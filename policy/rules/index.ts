/** All rules, and the one function that asks them. */
import * as bundle from "./bundle.ts";
import * as capxObjects from "./capx-objects.ts";
import * as certificates from "./certificates.ts";
import * as change from "./change.ts";
import * as clear from "./clear-text.ts";
import * as clusterNetworks from "./cluster-networks.ts";
import * as credentials from "./credentials.ts";
import * as endpoint from "./endpoint.ts";
import type { Fault } from "./fault.ts";
import * as limits from "./limits.ts";
import * as machines from "./machines.ts";
import * as neighbours from "./neighbours.ts";
import * as networks from "./networks.ts";
import { preflightSkipsNothing } from "./preflight.ts";
import * as versions from "./release-versions.ts";
import * as rollout from "./rollout.ts";
import { contextOf, levelOf, type Question, type Rule, type Settings, type Subject } from "./rule.ts";
import * as shape from "./shape.ts";
import * as supply from "./supply.ts";
import * as tls from "./tls.ts";
import { settingsFaults, waive, waiverNotes } from "./waivers.ts";

/** The questions that rules answer, in the order in which they are told. */
export const QUESTIONS: Readonly<Record<Question, string>> = {
  tls: "Is Prism Central, and every source of charts, the one that was meant?",
  endpoint: "Will nodes and users reach the API server, and nobody else's?",
  credentials: "Does every cluster log in as itself, and is no secret in the clear?",
  shape: "Is the cluster one that CAPX, Cluster API and k0s can make and keep?",
  change: "May this be changed on a cluster that is alive?",
  supply: "Do charts, images and templates come from where they should, in versions that go together?",
};

const FOUND: readonly Rule[] = [
  tls,
  bundle,
  certificates,
  endpoint,
  networks,
  clusterNetworks,
  neighbours,
  credentials,
  capxObjects,
  clear,
  shape,
  machines,
  limits,
  change,
  rollout,
  versions,
  supply,
].flatMap((file) => Object.values(file).filter(isRule));

/** Every rule, grouped by the question that it answers. */
export const RULES: readonly Rule[] = Object.keys(QUESTIONS).flatMap((question) =>
  FOUND.filter((rule) => rule.question === question),
);

/** Rules of the stack file that no resource tells of: the policy pack has them not. */
export const SETTINGS_RULES: readonly Rule[] = [preflightSkipsNothing];
/** What a stack file is asked. */
export const STACK_RULES: readonly Rule[] = [...RULES, ...SETTINGS_RULES];

function isRule(exported: unknown): exported is Rule {
  return typeof exported === "object" && exported !== null && "check" in exported;
}

/** What the rules say of some subjects: what refuses them, and what warns, waivers included. */
export interface Verdict {
  readonly refused: Fault[];
  readonly warned: Fault[];
}

/** Asks every rule of `rules`. Pure but for the day: the same subjects give the same verdict. */
export function judge(subjects: readonly Subject[], settings: Settings, rules = RULES): Verdict {
  const verdict: Verdict = { refused: [], warned: [] };
  for (const rule of rules) {
    verdict.refused.push(...settingsFaults(rule, settings));
    verdict.warned.push(...waiverNotes(rule, settings));
    const level = levelOf(rule, settings);
    if (level === "disabled") continue;
    const faults = waive(rule, rule.check(subjects, contextOf(rule, settings)), settings);
    (level === "mandatory" ? verdict.refused : verdict.warned).push(
      ...faults.map((fault) => ({ ...fault, reason: `${fault.reason} (${rule.name})` })),
    );
  }
  return verdict;
}
