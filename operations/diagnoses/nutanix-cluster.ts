/** NutanixClusters, and what is said against them. */

import { conditionsOf } from "../../kubernetes/conditions.ts";
import { type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import { type Evidence, ofCondition, ofEvent, ofStatus } from "./finding.ts";
import { all, clusterOf, type DiagnosisInput, eventsOf, linesOf, wholeName } from "./input.ts";

export const clusters = (the: DiagnosisInput) => all(the, "NutanixCluster");

export const secretOf = ({ spec }: KubernetesObject) => textAt(spec, "prismCentral", "credentialRef", "name");

/** Name of the cluster that a NutanixCluster is part of. */
export const clusterName = (cluster: KubernetesObject) => clusterOf(cluster) ?? cluster.metadata.name;

/** Everything that a NutanixCluster, its events and CAPX's log say against it. */
export function complaints(the: DiagnosisInput, cluster: KubernetesObject): { text: string; evidence: Evidence }[] {
  const failing = conditionsOf(cluster).filter(({ status }) => status === "False");
  // Log lines are many and of all clusters: only errors that name this one.
  const lines = linesOf(the, "capx", wholeName(cluster.metadata.name, clusterName(cluster))).filter(({ line }) =>
    /error|fail/i.test(line),
  );
  const failure = textAt(cluster.status, "failureMessage");
  return [
    ...failing.map((condition) => ({
      text: condition.message || condition.reason || "",
      evidence: ofCondition(cluster, condition),
    })),
    ...(failure === undefined ? [] : [{ text: failure, evidence: ofStatus(cluster, `failureMessage: ${failure}`) }]),
    ...eventsOf(the, cluster).map((event) => ({ text: event.message ?? "", evidence: ofEvent(event) })),
    ...lines.slice(-3).map(({ pod, line }) => ({
      text: line,
      evidence: { what: "log" as const, of: `Pod ${pod}`, text: line },
    })),
  ];
}

/** Certificates that are not trusted. */
export const X509 =
  /x509|certificate signed by unknown authority|certificate is not (trusted|valid)|tls: failed to verify/i;
