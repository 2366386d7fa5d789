/** Charts of clusters that are not rendered or applied. */
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { pendingReleases } from "../../kubernetes/pending-releases.ts";
import { CAPX_RELEASE, clusterNames, KCM_RELEASE } from "../../manifests/names.ts";
import {
  conditionEvidence,
  type Diagnosis,
  eventEvidence,
  firstLine,
  missingEvidence,
  nameOf,
  type Observation,
} from "./finding.ts";
import { type DiagnosisInput, eventsOf, falseCondition, isUnreadable, objectNamed, objectsOf } from "./input.ts";

const VALUES =
  /values don't meet the specifications|failed to validate template with provided configuration|schema validation|Additional property|additional properties/i;

/** What ClusterDeployment and HelmRelease report about a cluster's chart. */
function chartErrors(input: DiagnosisInput): { name: string; text: string; observation: Observation }[] {
  return objectsOf(input, "ClusterDeployment").flatMap((cluster) => {
    const { name } = cluster.metadata;
    const release = objectNamed(input, "HelmRelease", name);
    const conditions = [
      [cluster, "HelmChartReady"],
      [cluster, "HelmReleaseReady"],
      [release, "Released"],
      [release, "Ready"],
    ] as const;
    const unmet = conditions.flatMap(([object, type]) => {
      const condition = falseCondition(object, type);
      return object && condition ? [{ object: object as KubernetesObject, condition }] : [];
    });
    const [first] = unmet;
    if (first === undefined) return [];
    const observation = {
      subject: nameOf(cluster),
      cluster: name,
      cause: firstLine(first.condition.message ?? first.condition.reason ?? ""),
      evidence: [
        ...unmet.map(({ object, condition }) => conditionEvidence(object, condition)),
        ...(release ? eventsOf(input, release).slice(0, 1).map(eventEvidence) : []),
      ],
    };
    return [{ name, text: unmet.map(({ condition }) => condition.message ?? "").join("\n"), observation }];
  });
}

export const valuesRejected: Diagnosis = {
  id: "values-rejected",
  severity: "error",
  description:
    "The cluster's values do not match the schema of the chart: an unknown key, or a value of a wrong type. Nothing of the cluster is created.",
  remedy:
    "correct the cluster in the stack file, `values` above all, which is merged in after the policies; `npm run render` shows the result",
  find: (input) =>
    chartErrors(input)
      .filter(({ text }) => VALUES.test(text))
      .map(({ observation, text, name }) => ({
        ...observation,
        cause: `the chart rejects the values of ${name}: ${schemaError(text)}`,
      })),
};

/** The line of Helm's message that names the key. */
function schemaError(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/^[-\s]+/, ""));
  return lines.find((line) => /^(\(root\)|at '|[\w.]+:)/.test(line) && !/^failed|^Helm/.test(line)) ?? firstLine(text);
}

export const releaseFailed: Diagnosis = {
  id: "helm-release-failed",
  severity: "error",
  description:
    "The API server, or a webhook, rejects an object of the cluster's chart, or Helm cannot finish. Flux retries some times, then stops.",
  remedy:
    "read the message: it names the object and the field; once it is fixed and Flux has stopped, `npm run recover -- --cluster NAME` retries the release",
  yieldsTo: "subject",
  find: (input) =>
    chartErrors(input).map(({ observation, name }) => ({
      ...observation,
      cause: `the chart of ${name} is not installed: ${observation.cause}`,
    })),
};

export const notDeployed: Diagnosis = {
  id: "cluster-not-deployed",
  severity: "error",
  description:
    "A cluster of the stack file has no ClusterDeployment in the management cluster: no `up` has created it, or it was removed.",
  remedy: "run `pulumi up`; where the state still has it, run `pulumi refresh` first",
  find: (input) => {
    if (isUnreadable(input, "ClusterDeployment")) return [];
    return (input.planned ?? [])
      .filter((name) => objectNamed(input, "ClusterDeployment", clusterNames(name).clusterDeployment) === undefined)
      .map((name) => ({
        subject: `ClusterDeployment ${name}`,
        cluster: name,
        cause: `the cluster ${name} of the stack file has no ClusterDeployment`,
        evidence: [missingEvidence("ClusterDeployment", name)],
      }));
  },
};

export const releasePending: Diagnosis = {
  id: "helm-release-pending",
  severity: "error",
  description:
    "A Helm operation on `kcm` or `nutanix-capx` has begun and not ended: a run is at work, or one was killed. After a kill every `up` fails, because Helm does not touch an unfinished release.",
  remedy:
    "wait while a run is at work; otherwise delete the Secret of the unfinished revision, which the finding names, and run `pulumi up` again",
  requires: "Secret",
  find: (input) =>
    pendingReleases(objectsOf(input, "Secret"))
      .filter(({ name }) => name === KCM_RELEASE || name === CAPX_RELEASE)
      .map(({ name, text, remedy, since }) => ({
        subject: `Helm release ${name}`,
        cause: text,
        evidence: [{ what: "object", of: `Helm release ${name}`, text, ...(since && { since }) }],
        remedy,
      })),
};
