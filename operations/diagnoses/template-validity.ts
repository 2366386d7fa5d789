import { at, textAt } from "../../kubernetes/object.ts";
import { type Diagnosis, type Found, nameOf, ofCondition, ofStatus } from "./finding.ts";
import { all, falseOf, isBlind, named } from "./input.ts";
import { firstLine } from "./management-health.ts";

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
