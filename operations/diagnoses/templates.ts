/** What is wrong before a cluster's objects exist: chart sources, templates, Credential, values. */
import { clusterNames } from "../../manifests/names.ts";
import { at, type LiveObject, textAt } from "../live-object.ts";
import { all, type Case, conditionOf, eventsOf, falseOf, isBlind, named } from "./case.ts";
import { type Diagnosis, type Found, nameOf, ofCondition, ofEvent, ofStatus } from "./finding.ts";
import { firstLine } from "./management.ts";

export const chartSource: Diagnosis = {
  id: "charts-cannot-be-fetched",
  severity: "error",
  means:
    "Flux cannot fetch charts from their source, so that templates do not become valid and clusters are not rendered.",
  remedy:
    "look at the pod nutanix-charts and its Service in kcm-system, or, with `capx.chartRepository`, at the registry's address, login and reach from the management cluster",
  find: (the) =>
    [...all(the, "HelmRepository"), ...all(the, "HelmChart")].flatMap((object): Found[] => {
      const condition = falseOf(object, "Ready") ?? falseOf(object, "FetchFailed");
      if (condition === undefined) return [];
      return [
        {
          subject: nameOf(object),
          cause: `${nameOf(object)} cannot be fetched: ${firstLine(condition.message ?? condition.reason ?? "no reason given")}`,
          evidence: [ofCondition(object, condition)],
        },
      ];
    }),
};

const PROVIDERS_MISSING = /providers? (?:is|are) not deployed yet|required providers/i;
const IMMUTABLE = /Spec is immutable|Waiting for Management creation/i;

export const templateInvalid: Diagnosis = {
  id: "template-not-valid",
  severity: "error",
  means:
    "A ClusterTemplate or ProviderTemplate is not valid, and kcm refuses clusters made from it. Mostly a provider that it needs is not installed yet; else its chart cannot be read.",
  remedy:
    "mend the provider first (the findings above, and Management's components); a template whose spec kcm cannot write back in its own spelling stays invalid for ever: it must be made anew, under another name",
  find: (the) =>
    [...all(the, "ProviderTemplate"), ...all(the, "ClusterTemplate")].flatMap((template): Found[] => {
      if (at(template.status, "valid") !== false) return [];
      const error = textAt(template.status, "validationError") ?? "no reason given";
      const users = all(the, "ClusterDeployment")
        .filter(({ spec }) => textAt(spec, "template") === template.metadata.name)
        .map(({ metadata }) => metadata.name);
      const cause = PROVIDERS_MISSING.test(error)
        ? `${nameOf(template)} waits for providers: ${firstLine(error)}`
        : `${nameOf(template)} is not valid: ${firstLine(error)}`;
      return [
        {
          subject: nameOf(template),
          ...(users.length === 1 ? { cluster: users[0] } : {}),
          cause: users.length === 0 ? cause : `${cause}; used by ${users.join(", ")}`,
          evidence: [
            ofStatus(template, `validationError: ${error}`),
            ...(IMMUTABLE.test(error) ? [ofStatus(template, "its controller could not write it")] : []),
          ],
        },
      ];
    }),
};

export const credentialUnready: Diagnosis = {
  id: "credential-not-ready",
  severity: "error",
  means:
    "A Credential is not Ready: mostly the Secret that it names is not there. kcm admits no cluster with it, and lets an existing one wait.",
  remedy:
    "write the cluster's login under `credentials` in the stack file (`pulumi config set --secret --path credentials.<name>.password`) and run `pulumi up`",
  find: (the) =>
    all(the, "Credential").flatMap((credential): Found[] => {
      const condition = falseOf(credential, "CredentialReady") ?? falseOf(credential, "Ready");
      if (at(credential.status, "ready") !== false && condition === undefined) return [];
      const kind = textAt(credential.spec, "identityRef", "kind") ?? "Secret";
      const name = textAt(credential.spec, "identityRef", "name") ?? "";
      const isGone = kind === "Secret" && !isBlind(the, "Secret") && named(the, "Secret", name) === undefined;
      const users = all(the, "ClusterDeployment").filter(
        ({ spec }) => textAt(spec, "credential") === credential.metadata.name,
      );
      return [
        {
          subject: nameOf(credential),
          cluster: users[0]?.metadata.name,
          cause: isGone
            ? `${nameOf(credential)} is not ready: its ${kind} ${name} is not there`
            : `${nameOf(credential)} is not ready: ${firstLine(condition?.message ?? "no reason given")}`,
          evidence: condition ? [ofCondition(credential, condition)] : [ofStatus(credential, "ready is false")],
        },
      ];
    }),
};

export const notPropagated: Diagnosis = {
  id: "credential-not-propagated",
  severity: "warning",
  means:
    "kcm copies a cluster's login into the cluster by a ConfigMap that Sveltos fills. Without it Nutanix's cloud controller manager has no login there.",
  remedy: "run `pulumi up`, which writes the ConfigMap",
  find: (the) => {
    if (isBlind(the, "ConfigMap")) return [];
    return all(the, "ClusterDeployment").flatMap((cluster): Found[] => {
      if (at(cluster.spec, "propagateCredentials") === false) return [];
      const credential = named(the, "Credential", textAt(cluster.spec, "credential"));
      const identity = textAt(credential?.spec, "identityRef", "name");
      if (identity === undefined) return [];
      const name = `${identity}-resource-template`;
      if (named(the, "ConfigMap", name) !== undefined) return [];
      return [
        {
          subject: `ConfigMap ${name}`,
          cluster: cluster.metadata.name,
          cause: `the login of ${cluster.metadata.name} is not copied into it: the ConfigMap ${name} is not there`,
          evidence: [{ what: "object", of: `ConfigMap ${name}`, text: "not found" }],
        },
      ];
    });
  },
};

const VALUES =
  /values don't meet the specifications|failed to validate template with provided configuration|schema validation|Additional property|additional properties/i;

/** What keeps a cluster's chart from being rendered and applied, by the ClusterDeployment and its HelmRelease. */
function releaseFaults(the: Case): { cluster: LiveObject; text: string; found: Found }[] {
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

/** True where kcm says that all is well with a cluster. */
export function isReady(object: LiveObject): boolean {
  return (conditionOf(object, "Ready") ?? conditionOf(object, "Available"))?.status === "True";
}

export const TEMPLATE_DIAGNOSES = [chartSource, templateInvalid, credentialUnready, valuesRefused, releaseFailed];
