/** All rules, and their evaluation. */
import * as access from "./access-rules.ts";
import * as capxFaults from "./capx-faults.ts";
import * as clusterNetworks from "./cluster-networks.ts";
import * as clusterShape from "./cluster-shape.ts";
import * as credentials from "./credential-rules.ts";
import * as encryption from "./encryption-rules.ts";
import * as endpointNetworks from "./endpoint-networks.ts";
import * as endpoints from "./endpoint-rules.ts";
import * as immutableFields from "./immutable-fields.ts";
import * as k0sConfig from "./k0s-config-rules.ts";
import * as limits from "./limits.ts";
import * as machines from "./machine-rules.ts";
import * as plainTextSecrets from "./plain-text-secrets.ts";
import * as ports from "./port-rules.ts";
import { productionPreflightSkipsNoChecks } from "./preflight-skips.ts";
import * as releaseVersions from "./release-versions.ts";
import * as rollout from "./rollout.ts";
import { type PolicySettings, type PolicyTarget, type Rule, type RuleCategory, ruleContext } from "./rule.ts";
import * as services from "./service-rules.ts";
import * as supplyChain from "./supply-chain.ts";
import * as tls from "./tls-verification.ts";
import * as trustBundles from "./trust-bundle-rules.ts";
import type { Violation } from "./violation.ts";
import { enforcementLevel, settingsViolations, waive, waiverNotes } from "./waivers.ts";

/** Titles of the categories, in order. */
export const CATEGORIES: Readonly<Record<RuleCategory, string>> = {
  tls: "TLS and trust bundles",
  endpoint: "Control plane endpoints",
  credentials: "Credentials and secrets",
  shape: "Clusters and machines",
  change: "Updates of existing clusters",
  supply: "Charts, images and versions",
};

const EXPORTED: readonly Rule[] = [
  access,
  tls,
  trustBundles,
  endpoints,
  ports,
  endpointNetworks,
  clusterNetworks,
  credentials,
  encryption,
  plainTextSecrets,
  clusterShape,
  k0sConfig,
  machines,
  capxFaults,
  limits,
  immutableFields,
  rollout,
  services,
  releaseVersions,
  supplyChain,
].flatMap((module) => Object.values(module).filter(isRule));

/** Every rule, by category. */
export const RULES: readonly Rule[] = Object.keys(CATEGORIES).flatMap((category) =>
  EXPORTED.filter((rule) => rule.category === category),
);
/** Rules about settings, which a policy pack cannot see. */
export const SETTINGS_RULES: readonly Rule[] = [productionPreflightSkipsNoChecks];
export const STACK_RULES: readonly Rule[] = [...RULES, ...SETTINGS_RULES];

function isRule(exported: unknown): exported is Rule {
  return typeof exported === "object" && exported !== null && "check" in exported;
}

export interface Evaluation {
  /** Of mandatory rules. */
  readonly violations: Violation[];
  /** Violations of advisory rules, valid waivers, and lowered levels. */
  readonly warnings: Violation[];
}

/** Evaluates rules. Pure, if the settings have `now`. */
export function evaluate(targets: readonly PolicyTarget[], settings: PolicySettings, rules = RULES): Evaluation {
  const evaluation: Evaluation = { violations: [], warnings: [] };
  for (const rule of rules) {
    evaluation.violations.push(...settingsViolations(rule, settings));
    evaluation.warnings.push(...waiverNotes(rule, settings));
    const level = enforcementLevel(rule, settings);
    if (level === "disabled") continue;
    const violations = waive(rule, rule.check(targets, ruleContext(rule, settings)), settings);
    evaluation[level === "mandatory" ? "violations" : "warnings"].push(
      ...violations.map((violation) => ({ ...violation, reason: `${violation.reason} (${rule.name})` })),
    );
  }
  return evaluation;
}
