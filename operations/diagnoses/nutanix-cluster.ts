/** NutanixClusters, and the errors about them. */
import { conditionsOf } from "../../kubernetes/conditions.ts";
import { type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import { conditionEvidence, type Evidence, eventEvidence, logEvidence, statusEvidence } from "./finding.ts";
import {
  clusterOf,
  type DiagnosisInput,
  eventsOf,
  isUnreadable,
  logLines,
  namePattern,
  objectNamed,
  objectsOf,
} from "./input.ts";

export const secretOf = ({ spec }: KubernetesObject) => textAt(spec, "prismCentral", "credentialRef", "name");

/** Name of the cluster that a NutanixCluster is part of. */
export const clusterName = (cluster: KubernetesObject) => clusterOf(cluster) ?? cluster.metadata.name;

/** What CAPX waits for silently: the NutanixCluster that a Cluster with NutanixMachines references does not exist. */
export interface MissingNutanixCluster {
  readonly name: string;
  readonly machines: readonly KubernetesObject[];
}

export function missingNutanixCluster(
  input: DiagnosisInput,
  cluster: KubernetesObject | undefined,
): MissingNutanixCluster | undefined {
  const name = textAt(cluster?.spec, "infrastructureRef", "name");
  const isNutanix = textAt(cluster?.spec, "infrastructureRef", "kind") === "NutanixCluster";
  if (cluster === undefined || name === undefined || !isNutanix) return undefined;
  if (objectNamed(input, "NutanixCluster", name) !== undefined || isUnreadable(input, "NutanixCluster"))
    return undefined;
  const machines = objectsOf(input, "NutanixMachine").filter((machine) => clusterOf(machine) === cluster.metadata.name);
  return machines.length === 0 ? undefined : { name, machines };
}

/** Errors about a NutanixCluster: its conditions, its failure, its events, and CAPX's log. */
export function clusterErrors(
  input: DiagnosisInput,
  cluster: KubernetesObject,
): { text: string; evidence: Evidence }[] {
  const unmet = conditionsOf(cluster).filter(({ status }) => status === "False");
  // Log lines are many and of all clusters: only errors that name this one.
  const lines = logLines(input, "capx", namePattern(cluster.metadata.name, clusterName(cluster)));
  const failure = textAt(cluster.status, "failureMessage");
  return [
    ...unmet.map((condition) => ({
      text: condition.message || condition.reason || "",
      evidence: conditionEvidence(cluster, condition),
    })),
    ...(failure === undefined
      ? []
      : [{ text: failure, evidence: statusEvidence(cluster, `failureMessage: ${failure}`) }]),
    ...eventsOf(input, cluster).map((event) => ({ text: event.message ?? "", evidence: eventEvidence(event) })),
    ...lines
      .filter(({ line }) => /error|fail/i.test(line))
      .slice(-3)
      .map((found) => ({ text: found.line, evidence: logEvidence(found) })),
  ];
}

/** Certificates that are not trusted. */
export const X509 =
  /x509|certificate signed by unknown authority|certificate is not (trusted|valid)|tls: failed to verify/i;
