/** All rules, and the one function that asks them. */

import * as capxObjects from "./capx-owned-objects.ts";
import * as certificates from "./certificate-validity.ts";
import * as clusterNetworks from "./cluster-networks.ts";
import * as shape from "./cluster-shape.ts";
import * as credentials from "./credential-rules.ts";
import * as networks from "./endpoint-networks.ts";
import * as endpoint from "./endpoint-rules.ts";
import * as change from "./immutable-fields.ts";
import * as limits from "./limits.ts";
import * as machines from "./machine-rules.ts";
import * as peerStacks from "./peer-stack-endpoints.ts";
import * as clear from "./plain-text-secrets.ts";
import { productionPreflightSkipsNoChecks } from "./preflight-skips.ts";
import * as versions from "./release-versions.ts";
import * as rollout from "./rollout.ts";
import {
  enforcementLevel,
  type PolicySettings,
  type PolicyTarget,
  type Rule,
  type RuleCategory,
  ruleContext,
} from "./rule.ts";
import * as supply from "./supply-chain.ts";
import * as tls from "./tls-verification.ts";
import * as bundle from "./trust-bundle-content.ts";
import type { Violation } from "./violation.ts";
import { settingsViolations, waive, waiverNotes } from "./waivers.ts";

/** The questions that rules answer, in the order in which they are told. */
export const CATEGORIES: Readonly<Record<RuleCategory, string>> = {
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
  peerStacks,
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
export const RULES: readonly Rule[] = Object.keys(CATEGORIES).flatMap((question) =>
  FOUND.filter((rule) => rule.category === question),
);

/** Rules of the stack file that no resource tells of: the policy pack has them not. */
export const SETTINGS_RULES: readonly Rule[] = [productionPreflightSkipsNoChecks];
/** What a stack file is asked. */
export const STACK_RULES: readonly Rule[] = [...RULES, ...SETTINGS_RULES];

function isRule(exported: unknown): exported is Rule {
  return typeof exported === "object" && exported !== null && "check" in exported;
}

/** What the rules say of some subjects: what refuses them, and what warns, waivers included. */
export interface Evaluation {
  readonly violations: Violation[];
  readonly warnings: Violation[];
}

/** Asks every rule of `rules`. Pure but for the day: the same subjects give the same verdict. */
export function evaluate(subjects: readonly PolicyTarget[], settings: PolicySettings, rules = RULES): Evaluation {
  const verdict: Evaluation = { violations: [], warnings: [] };
  for (const rule of rules) {
    verdict.violations.push(...settingsViolations(rule, settings));
    verdict.warnings.push(...waiverNotes(rule, settings));
    const level = enforcementLevel(rule, settings);
    if (level === "disabled") continue;
    const faults = waive(rule, rule.check(subjects, ruleContext(rule, settings)), settings);
    (level === "mandatory" ? verdict.violations : verdict.warnings).push(
      ...faults.map((fault) => ({ ...fault, reason: `${fault.reason} (${rule.name})` })),
    );
  }
  return verdict;
}
