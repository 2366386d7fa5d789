import { resolve } from "node:path";
import type { Redact } from "../../kubernetes/redact.ts";
import { STACK_LABEL } from "../../manifests/manifest.ts";
import type { Finding, Severity } from "../../operations/diagnoses/finding.ts";
import { diagnose, highestSeverity } from "../../operations/diagnoses/index.ts";
import { isUnreadable } from "../../operations/diagnoses/input.ts";
import { managementUnreachable } from "../../operations/diagnoses/unreachable.ts";
import { Failure, isExplained } from "../output/failure.ts";
import { collectDiagnostics, type Diagnostics } from "./collect-diagnostics.ts";
import { type ClusterTarget, openTarget, STACK_FILE, type TargetCommandOptions, unknownCluster } from "./target.ts";

export interface TargetDiagnosis {
  readonly server: string;
  readonly now: string;
  readonly findings: readonly Finding[];
  /** What could not be read, one sentence each. */
  readonly missing: readonly string[];
  readonly redact: Redact;
  /** The highest severity of all findings. */
  readonly severity: Severity | undefined;
  /** Undefined where the management cluster does not answer. */
  readonly diagnostics: Diagnostics | undefined;
}

/** Diagnoses the clusters of a target; one that does not answer is a finding too. */
export async function diagnoseTarget({
  cluster,
  ...options
}: TargetCommandOptions & { readonly cluster?: string }): Promise<TargetDiagnosis> {
  const target = await openTarget(options);
  const { server } = target.client;
  const diagnostics = await collectDiagnostics(target).catch((error: unknown) => {
    if (isExplained(error)) return error;
    throw error;
  });
  if (diagnostics instanceof Error) {
    const findings = [managementUnreachable(server, diagnostics.message)];
    const now = new Date().toISOString();
    const severity = highestSeverity(findings);
    return { server, now, findings, missing: [], redact: String, severity, diagnostics: undefined };
  }
  const { input, redact, missing } = diagnostics;
  const findings = findingsOf(diagnostics, target, cluster);
  const now = input.snapshot.takenAt;
  return { server, now, findings, missing, redact, severity: highestSeverity(findings), diagnostics };
}

/**
 * Findings about the clusters of the target, and about what all clusters depend on.
 *
 * @throws Failure where the named cluster is neither deployed nor in the stack file.
 */
function findingsOf(
  { input }: Diagnostics,
  { identity, planned }: ClusterTarget,
  cluster: string | undefined,
): Finding[] {
  const findings = diagnose(input);
  const about = (names: readonly string[]) => {
    const clusters = new Set(names);
    return findings.filter((finding) => finding.cluster === undefined || clusters.has(finding.cluster));
  };
  const { ClusterDeployment, Cluster } = input.snapshot.objects;
  if (cluster !== undefined) {
    const objects = [...ClusterDeployment, ...Cluster].map(({ metadata }) => metadata.name);
    const known = [...objects, ...planned, ...findings.map((finding) => finding.cluster)];
    if (!known.includes(cluster) && !isUnreadable(input, "ClusterDeployment"))
      throw unknownCluster(cluster, [input.snapshot.server, STACK_FILE], [...objects, ...planned]);
    return about([cluster]);
  }
  if (identity === undefined) return findings;
  const deployed = ClusterDeployment.filter(({ metadata }) => metadata.labels?.[STACK_LABEL] === identity);
  return about([...deployed.map(({ metadata }) => metadata.name), ...planned]);
}

/**
 * Writes the support bundle.
 *
 * @returns a line that counts its files
 * @throws Failure where the management cluster did not answer.
 */
export async function writeSupportBundle(bundle: string, { diagnostics, findings }: TargetDiagnosis): Promise<string> {
  if (diagnostics === undefined)
    throw new Failure(`--bundle: the management cluster cannot be read; ${findings[0]?.cause}`);
  const { writeBundle } = await import("../output/support-bundle.ts");
  const file = resolve(bundle);
  const count = await writeBundle(file, diagnostics, findings);
  return `${count} files in ${file}, secrets redacted; check it before you send it`;
}
