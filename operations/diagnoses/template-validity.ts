/** Chart sources, templates and Credentials that kcm needs before it creates a cluster. */
import { at, type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import { servicesOf } from "../services.ts";
import {
  conditionEvidence,
  type Diagnosis,
  firstLine,
  forEachObject,
  missingEvidence,
  nameOf,
  someOf,
  statusEvidence,
} from "./finding.ts";
import { falseCondition, isUnreadable, objectNamed, objectsOf } from "./input.ts";

export const chartSource: Diagnosis = {
  id: "charts-not-fetched",
  severity: "error",
  description:
    "Flux cannot fetch charts from their source, so that templates do not become valid and clusters are not rendered.",
  remedy:
    "check the pod nutanix-charts and its Service in kcm-system, or, with `capx.chartRepository`, the registry's address, credentials and network from the management cluster",
  find: forEachObject(["HelmRepository", "HelmChart"], (object) => {
    const condition = falseCondition(object, "Ready") ?? falseCondition(object, "FetchFailed");
    if (condition === undefined) return undefined;
    return {
      cluster: undefined,
      cause: `${nameOf(object)} cannot be fetched: ${firstLine(condition.message ?? condition.reason ?? "no reason given")}`,
      evidence: [conditionEvidence(object, condition)],
    };
  }),
};

function usesTemplate(cluster: KubernetesObject, { kind, metadata }: KubernetesObject): boolean {
  if (kind !== "ServiceTemplate") return textAt(cluster.spec, "template") === metadata.name;
  return servicesOf(cluster).some(({ template }) => template === metadata.name);
}

const PROVIDERS_MISSING = /providers? (?:is|are) not deployed yet|required providers/i;
const IMMUTABLE = /Spec is immutable|Waiting for Management creation/i;

export const templateInvalid: Diagnosis = {
  id: "template-invalid",
  severity: "error",
  description:
    "A ClusterTemplate, ServiceTemplate or ProviderTemplate is not valid, and kcm rejects clusters that use it. Mostly a provider that it needs is not installed yet; else its chart cannot be read.",
  remedy:
    "fix the provider first (the findings above, and Management's components); a template whose spec kcm cannot normalize stays invalid: create it under another name",
  find: forEachObject(["ProviderTemplate", "ClusterTemplate", "ServiceTemplate"], (template, input) => {
    if (at(template.status, "valid") !== false) return undefined;
    const error = textAt(template.status, "validationError") ?? "no reason given";
    const users = objectsOf(input, "ClusterDeployment")
      .filter((cluster) => usesTemplate(cluster, template))
      .map(({ metadata }) => metadata.name);
    const fault = PROVIDERS_MISSING.test(error) ? "waits for providers" : "is not valid";
    return {
      cluster: users.length === 1 ? users[0] : undefined,
      cause: `${nameOf(template)} ${fault}: ${firstLine(error)}${users.length === 0 ? "" : `; used by ${someOf(users)}`}`,
      evidence: [
        statusEvidence(template, `validationError: ${error}`),
        ...(IMMUTABLE.test(error) ? [statusEvidence(template, "its controller could not update it")] : []),
      ],
    };
  }),
};

export const credentialNotReady: Diagnosis = {
  id: "credential-not-ready",
  severity: "error",
  description:
    "A Credential is not ready: mostly the Secret that it references does not exist. kcm admits no cluster with it, and does not reconcile existing ones.",
  remedy:
    "set the cluster's login under `credentials` in the stack file (`pulumi config set --secret --path credentials.<name>.password`) and run `pulumi up`",
  find: forEachObject(["Credential"], (credential, input) => {
    const condition = falseCondition(credential, "CredentialReady") ?? falseCondition(credential, "Ready");
    if (at(credential.status, "ready") !== false && condition === undefined) return undefined;
    const kind = textAt(credential.spec, "identityRef", "kind") ?? "Secret";
    const name = textAt(credential.spec, "identityRef", "name") ?? "";
    const isMissing =
      kind === "Secret" && !isUnreadable(input, "Secret") && objectNamed(input, "Secret", name) === undefined;
    const [user] = objectsOf(input, "ClusterDeployment").filter(
      ({ spec }) => textAt(spec, "credential") === credential.metadata.name,
    );
    const why = isMissing ? `its ${kind} ${name} does not exist` : firstLine(condition?.message ?? "no reason given");
    return {
      cluster: user?.metadata.name,
      cause: `${nameOf(credential)} is not ready: ${why}`,
      evidence: [condition ? conditionEvidence(credential, condition) : statusEvidence(credential, "ready is false")],
    };
  }),
};

export const notPropagated: Diagnosis = {
  id: "credential-not-propagated",
  severity: "warning",
  description:
    "kcm copies a cluster's login into the cluster with a ConfigMap that Sveltos renders. Without it Nutanix's cloud controller manager has no login there.",
  remedy: "run `pulumi up`, which creates the ConfigMap",
  requires: "ConfigMap",
  find: (input) =>
    objectsOf(input, "ClusterDeployment").flatMap((cluster) => {
      if (at(cluster.spec, "propagateCredentials") === false) return [];
      const credential = objectNamed(input, "Credential", textAt(cluster.spec, "credential"));
      const identity = textAt(credential?.spec, "identityRef", "name");
      const name = `${identity}-resource-template`;
      if (identity === undefined || objectNamed(input, "ConfigMap", name) !== undefined) return [];
      return [
        {
          subject: `ConfigMap ${name}`,
          cluster: cluster.metadata.name,
          cause: `the login of ${cluster.metadata.name} is not copied into it: the ConfigMap ${name} does not exist`,
          evidence: [missingEvidence("ConfigMap", name)],
        },
      ];
    }),
};
