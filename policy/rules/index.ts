/** All rules, and the one function that asks them. */
import {
  endpointIsAnAddressWhereItIsHeld,
  endpointIsNotPrismCentral,
  endpointIsOutsideClusterNetworks,
  endpointIsReachable,
  endpointsAreUnique,
  routerIdsAreUnique,
} from "./endpoint.ts";
import type { Fault } from "./fault.ts";
import type { Rule, Settings, Subject } from "./rule.ts";
import {
  capxObjectsAreNotShared,
  controlPlaneCountIsOdd,
  k0sVersionIsUsable,
  machinesMeetMinima,
  networksAreApart,
  productionControlPlaneIsRedundant,
} from "./shape.ts";
import { chartsComeSafely, providerChartIsThisProjects, untestedLineIsSaid, versionsGoTogether } from "./supply.ts";
import { prismCentralAddressIsABareHost, prismCentralIsVerified, trustBundleIsSound } from "./tls.ts";

export const RULES: readonly Rule[] = [
  prismCentralIsVerified,
  prismCentralAddressIsABareHost,
  trustBundleIsSound,
  endpointIsReachable,
  endpointIsNotPrismCentral,
  endpointIsOutsideClusterNetworks,
  endpointIsAnAddressWhereItIsHeld,
  endpointsAreUnique,
  routerIdsAreUnique,
  controlPlaneCountIsOdd,
  productionControlPlaneIsRedundant,
  machinesMeetMinima,
  networksAreApart,
  k0sVersionIsUsable,
  capxObjectsAreNotShared,
  versionsGoTogether,
  untestedLineIsSaid,
  chartsComeSafely,
  providerChartIsThisProjects,
];

/** What the rules say of some subjects: what refuses them, and what warns. */
export interface Verdict {
  readonly refused: Fault[];
  readonly warned: Fault[];
}

/** Asks every rule of `rules`. Pure: the same subjects give the same verdict. */
export function judge(subjects: readonly Subject[], settings: Settings, rules = RULES): Verdict {
  const verdict: Verdict = { refused: [], warned: [] };
  for (const rule of rules) {
    const faults = rule.check(subjects).map((fault) => ({ ...fault, reason: `${fault.reason} (${rule.name})` }));
    (rule.level(settings) === "mandatory" ? verdict.refused : verdict.warned).push(...faults);
  }
  return verdict;
}
