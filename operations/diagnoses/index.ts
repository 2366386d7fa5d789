/** Every diagnosis, causes before consequences: findings are sorted in this order. */
import { capxVersion, configSecret } from "./capx-installation.ts";
import {
  bundleWithoutCa,
  nutanixClusterMissing,
  nutanixClusterNameDiffers,
  secretMissing,
  secretShared,
} from "./capx-owned-objects.ts";
import { endpointConflict, etcdVolumesLeft, noExternalAddress, noKubeconfig, podsPending } from "./control-plane.ts";
import { categoryInUse, deletionBlocked, kcmForbidden, vmNotDeleted } from "./deletion.ts";
import { MACHINE_DIAGNOSES, machineFailed, vmFailed } from "./failed-machines.ts";
import { type Diagnosis, type Finding, SEVERITIES, type Severity } from "./finding.ts";
import { notDeployed, releaseFailed, releasePending, valuesRejected } from "./helm-release.ts";
import { type DiagnosisInput, isUnreadable } from "./input.ts";
import { emptyBootstrapData, providerIdMissing } from "./known-faults.ts";
import { componentFailed, controllerDown, noManagement, prematureReady } from "./management-health.ts";
import { endpointUnreachable, joinTokenMissing, noAddress, nodeDoesNotJoin } from "./network.ts";
import {
  certificateUntrusted,
  credentialsRejected,
  credentialsUnreadable,
  failureDomainInvalid,
  notPrismCentral,
  overloaded,
  permissionsMissing,
  proxyRejects,
  unreachable,
} from "./prism-central-access.ts";
import { serviceFailed, serviceUpgradePathMissing, sharedServiceFailed } from "./services.ts";
import { chartSource, credentialNotReady, notPropagated, templateInvalid } from "./template-validity.ts";
import { cannotRead, clusterFailed, clusterInProgress, sharedMachines } from "./uncategorized.ts";
import { preflightBlocks, remediationStopped, templateEdited } from "./workers.ts";

export const DIAGNOSES: readonly Diagnosis[] = [
  releasePending,
  noManagement,
  configSecret,
  capxVersion,
  controllerDown,
  chartSource,
  componentFailed,
  prematureReady,
  templateInvalid,
  credentialNotReady,
  valuesRejected,
  releaseFailed,
  notDeployed,
  kcmForbidden,
  nutanixClusterMissing,
  secretMissing,
  secretShared,
  bundleWithoutCa,
  certificateUntrusted,
  proxyRejects,
  credentialsUnreadable,
  notPrismCentral,
  credentialsRejected,
  permissionsMissing,
  overloaded,
  unreachable,
  failureDomainInvalid,
  endpointConflict,
  sharedMachines,
  noExternalAddress,
  podsPending,
  ...MACHINE_DIAGNOSES,
  machineFailed,
  vmNotDeleted,
  categoryInUse,
  vmFailed,
  noAddress,
  providerIdMissing,
  emptyBootstrapData,
  endpointUnreachable,
  joinTokenMissing,
  nodeDoesNotJoin,
  noKubeconfig,
  templateEdited,
  preflightBlocks,
  remediationStopped,
  deletionBlocked,
  notPropagated,
  etcdVolumesLeft,
  nutanixClusterNameDiffers,
  serviceUpgradePathMissing,
  sharedServiceFailed,
  serviceFailed,
  clusterFailed,
  cannotRead,
  clusterInProgress,
];

/** All findings by severity, causes before consequences. */
export function diagnose(input: DiagnosisInput): Finding[] {
  const findings: Finding[] = [];
  for (const { id, severity, remedy, yieldsTo, requires, find } of DIAGNOSES) {
    if (requires !== undefined && isUnreadable(input, requires)) continue;
    const earlier = [...findings];
    const isConsequence = ({ subject, cluster }: Pick<Finding, "subject" | "cluster">) =>
      earlier.some(
        (finding) =>
          (yieldsTo !== undefined && finding.subject === subject) ||
          (yieldsTo === "cluster" && cluster !== undefined && finding.cluster === cluster),
      );
    findings.push(
      ...find(input)
        .filter((observation) => !isConsequence(observation))
        .map((observation) => ({ id, severity, remedy, ...observation })),
    );
  }
  return findings.sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
}

/** undefined where there are no findings. */
export function highestSeverity(findings: readonly Finding[]): Severity | undefined {
  return SEVERITIES.find((severity) => findings.some((finding) => finding.severity === severity));
}
