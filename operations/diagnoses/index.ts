/** Every diagnosis, in the order in which one leads to the next: what stands first is looked for first, and told first. */

import { capxVersion, configSecret } from "./capx-installation.ts";
import { bundleWithoutCa, secretGone, secretShared } from "./capx-owned-objects.ts";
import { endpointsClash, noExternalAddress, noKubeconfig, podsPending } from "./control-plane.ts";
import { deletionHeld, rightsMissing, vmNotDeleted } from "./deletion.ts";
import { MACHINE_DIAGNOSES, machineGivenUp, vmFailed } from "./failed-machines.ts";
import { type Diagnosis, type Finding, SEVERITIES, type Severity } from "./finding.ts";
import { notDeployed, releaseFailed, valuesRefused } from "./helm-release.ts";
import type { DiagnosisInput } from "./input.ts";
import { componentFailed, controllerDown, noManagement, prematureReady } from "./management-health.ts";
import { endpointUnreachable, noAddress, noBootstrapData, nodeDoesNotJoin } from "./network.ts";
import { certificateRefused, failureDomains, loginRefused, notAllowed, unreachable } from "./prism-central-access.ts";
import { chartSource, credentialUnready, notPropagated, templateInvalid } from "./template-validity.ts";
import { cannotRead, failedOtherwise, sharedMachines, underWay } from "./uncategorized.ts";
import { preflightHolds, remediationStopped, templateEdited } from "./workers.ts";

export const DIAGNOSES: readonly Diagnosis[] = [
  noManagement,
  configSecret,
  capxVersion,
  controllerDown,
  chartSource,
  componentFailed,
  prematureReady,
  templateInvalid,
  credentialUnready,
  valuesRefused,
  releaseFailed,
  notDeployed,
  rightsMissing,
  secretGone,
  secretShared,
  bundleWithoutCa,
  certificateRefused,
  loginRefused,
  notAllowed,
  unreachable,
  failureDomains,
  endpointsClash,
  sharedMachines,
  noExternalAddress,
  podsPending,
  ...MACHINE_DIAGNOSES,
  machineGivenUp,
  vmNotDeleted,
  vmFailed,
  noAddress,
  endpointUnreachable,
  noBootstrapData,
  nodeDoesNotJoin,
  noKubeconfig,
  templateEdited,
  preflightHolds,
  remediationStopped,
  deletionHeld,
  notPropagated,
  failedOtherwise,
  cannotRead,
  underWay,
];

/** What is wrong, the gravest first, and of those the one that leads to the others. Empty where all is well. */
export function diagnose(the: DiagnosisInput): Finding[] {
  const findings: Finding[] = [];
  for (const { id, severity, remedy, yieldsTo, find } of DIAGNOSES) {
    const before = [...findings];
    const isSuperfluous = ({ subject, cluster }: Pick<Finding, "subject" | "cluster">) =>
      before.some(
        (earlier) =>
          (yieldsTo !== undefined && earlier.subject === subject) ||
          (yieldsTo === "cluster" && cluster !== undefined && earlier.cluster === cluster),
      );
    findings.push(
      ...find(the)
        .filter((found) => !isSuperfluous(found))
        .map((found) => ({ id, severity, remedy, ...found })),
    );
  }
  return findings.sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
}

/** The gravest severity of some findings; undefined where there are none. */
export function gravest(findings: readonly Finding[]): Severity | undefined {
  return SEVERITIES.find((severity) => findings.some((finding) => finding.severity === severity));
}
