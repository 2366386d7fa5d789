/** What keeps a cluster's chart from being rendered and applied. */

import type { KubernetesObject } from "../../kubernetes/object.ts";
import { clusterNames } from "../../manifests/names.ts";
import { type Diagnosis, type Found, nameOf, ofCondition, ofEvent } from "./finding.ts";
import { all, type DiagnosisInput, eventsOf, falseOf, isBlind, named } from "./input.ts";
import { firstLine } from "./management-health.ts";

const VALUES =
  /values don't meet the specifications|failed to validate template with provided configuration|schema validation|Additional property|additional properties/i;

/** What keeps a cluster's chart from being rendered and applied, by the ClusterDeployment and its HelmRelease. */
function releaseFaults(the: DiagnosisInput): { cluster: KubernetesObject; text: string; found: Found }[] {
  return all(the, "ClusterDeployment").flatMap((cluster) => {
    const release = named(the, "HelmRelease", cluster.metadata.name);
    const verdicts = [
      [cluster, falseOf(cluster, "HelmChartReady")],
      [cluster, falseOf(cluster, "HelmReleaseReady")],
      [release, release && falseOf(release, "Released")],
      [release, release && falseOf(release, "Ready")],
    ] as const;
    const faults = verdicts.flatMap(([object, condition]) => (object && condition ? [{ object, condition }] : []));
    const [first] = faults;
    if (first === undefined) return [];
    const text = faults.map(({ condition }) => condition.message ?? "").join("\n");
    return [
      {
        cluster,
        text,
        found: {
          subject: nameOf(cluster),
          cluster: cluster.metadata.name,
          cause: firstLine(first.condition.message ?? first.condition.reason ?? ""),
          evidence: [
            ...faults.map(({ object, condition }) => ofCondition(object, condition)),
            ...(release ? eventsOf(the, release).slice(0, 1).map(ofEvent) : []),
          ],
        },
      },
    ];
  });
}

export const valuesRefused: Diagnosis = {
  id: "values-refused",
  severity: "error",
  means:
    "The cluster's values do not fit the chart: a key that it does not know, or a value of a wrong type. Nothing of the cluster is made.",
  remedy:
    "correct the cluster in the stack file, `values` above all, which is merged in after the checks; `npm run render` shows what becomes of it",
  find: (the) =>
    releaseFaults(the)
      .filter(({ text }) => VALUES.test(text))
      .map(({ found, text, cluster }) => ({
        ...found,
        cause: `the chart refuses the values of ${cluster.metadata.name}: ${detail(text)}`,
      })),
};

/** The line of Helm's message that names the key. */
function detail(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/^[-\s]+/, ""));
  return lines.find((line) => /^(\(root\)|at '|[\w.]+:)/.test(line) && !/^failed|^Helm/.test(line)) ?? firstLine(text);
}

export const releaseFailed: Diagnosis = {
  id: "helm-release-failed",
  severity: "error",
  means:
    "The API server, or a webhook, refuses what the cluster's chart renders, or Helm cannot finish. Flux tries again by itself some times, then stops.",
  remedy:
    "read the refusal: it names the object and the field; when it is mended and Flux has stopped trying, `npm run recover -- --cluster NAME` deploys the cluster anew",
  yieldsTo: "subject",
  find: (the) =>
    releaseFaults(the).map(({ found, cluster }) => ({
      ...found,
      cause: `the chart of ${cluster.metadata.name} is not installed: ${found.cause}`,
    })),
};

export const notDeployed: Diagnosis = {
  id: "cluster-not-deployed",
  severity: "error",
  means:
    "The stack file asks for a cluster that has no ClusterDeployment in the management cluster: no `up` got that far, or somebody removed it.",
  remedy: "run `pulumi up`; where the state still knows it, `pulumi refresh` first",
  find: (the) => {
    if (the.asked === undefined || isBlind(the, "ClusterDeployment")) return [];
    return the.asked
      .filter((name) => named(the, "ClusterDeployment", clusterNames(name).clusterDeployment) === undefined)
      .map((name) => ({
        subject: `ClusterDeployment ${name}`,
        cluster: name,
        cause: `the stack file asks for the cluster ${name}, and there is no ClusterDeployment of that name`,
        evidence: [{ what: "object" as const, of: `ClusterDeployment ${name}`, text: "not found" }],
      }));
  },
};
