/** What keeps CAPX from using Prism Central for a cluster: trust, credentials, permissions, network. */
import { type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import { CAPX_VARIABLES } from "../../manifests/names.ts";
import { conditionEvidence, type Diagnosis, firstLine, forEachObject } from "./finding.ts";
import { falseCondition } from "./input.ts";
import { clusterErrors, clusterName, secretOf, X509 } from "./nutanix-cluster.ts";

const addressOf = ({ spec }: KubernetesObject) => textAt(spec, "prismCentral", "address") ?? "Prism Central";

/** An observation for each NutanixCluster with an error that matches. */
function matching(pattern: RegExp, causeOf: (cluster: KubernetesObject, line: string) => string): Diagnosis["find"] {
  return forEachObject(["NutanixCluster"], (cluster, input) => {
    const errors = clusterErrors(input, cluster).filter(({ text }) => pattern.test(text));
    const [first] = errors;
    if (first === undefined) return undefined;
    return {
      cause: causeOf(cluster, firstLine(first.text)),
      evidence: errors.map(({ evidence }) => evidence).slice(0, 3),
    };
  });
}

/** Where CAPX takes the credentials of a cluster from. */
function credentialsOf(cluster: KubernetesObject): string {
  const secret = secretOf(cluster);
  return secret === undefined ? `the global credentials (Secret ${CAPX_VARIABLES})` : `the Secret ${secret}`;
}

export const certificateUntrusted: Diagnosis = {
  id: "prism-central-not-trusted",
  severity: "error",
  description:
    "CAPX does not trust the certificate of Prism Central: its CA is not in the trust bundle, it has expired, or it is for another host (the factory certificate has no IP address).",
  remedy:
    "add the CA that signed Prism Central's certificate to `prismCentral.trustBundle`, use a host name of the certificate, and run `pulumi up`",
  yieldsTo: "subject",
  find: matching(X509, (cluster, line) => `the certificate of ${addressOf(cluster)} is not trusted: ${line}`),
};

export const proxyRejects: Diagnosis = {
  id: "prism-central-behind-proxy",
  severity: "error",
  description: "A proxy between CAPX and Prism Central requires a login (407): CAPX has none for it.",
  remedy:
    "add Prism Central's address to NO_PROXY of CAPX (`deployment.containers` of the provider in Management), or allow it at the proxy without a login",
  yieldsTo: "subject",
  find: matching(
    /(?:status|code|HTTP\S*)[^\n]{0,12}\b407\b|proxy authentication required/i,
    (cluster, line) => `a proxy between CAPX and ${addressOf(cluster)} requires a login: ${line}`,
  ),
};

export const credentialsUnreadable: Diagnosis = {
  id: "prism-central-login-unreadable",
  severity: "error",
  description:
    "CAPX cannot read the credentials of a cluster: its Secret has no key `credentials`, or what is under it is not the JSON that CAPX expects.",
  remedy: "run `pulumi up`, which writes the Secret; correct it yourself if another tool does",
  yieldsTo: "subject",
  find: matching(
    /failed to unmarshal the \S+ (?:key )?data|no credentials found|unsupported credentials type|no "credentials" data found/i,
    (cluster) => `CAPX cannot read the credentials of ${clusterName(cluster)} in ${credentialsOf(cluster)}`,
  ),
};

export const notPrismCentral: Diagnosis = {
  id: "prism-central-answers-html",
  severity: "error",
  description:
    "What answers at Prism Central's address sends a web page where CAPX expects JSON: another server, a proxy's error page, or a Prism Central that is starting.",
  remedy: "open the address in a browser; correct `prismCentral.address` and `port`, or wait until it has started",
  yieldsTo: "subject",
  find: matching(
    /invalid character '<'|<!doctype html|<html/i,
    (cluster) => `${addressOf(cluster)} answers CAPX with a web page`,
  ),
};

export const overloaded: Diagnosis = {
  id: "prism-central-overloaded",
  severity: "warning",
  description:
    "Prism Central rejects requests of CAPX for now (429, 502, 503, 504): it has too many, is being upgraded, or a service of it is down. CAPX retries by itself.",
  remedy: "wait; if it lasts, check the services of Prism Central, and create fewer clusters at a time",
  yieldsTo: "subject",
  find: matching(
    /(?:status|code|HTTP\S*)[^\n]{0,12}\b(?:429|50[234])\b|too many requests|service unavailable|bad gateway/i,
    (cluster, line) => `${addressOf(cluster)} rejects requests of CAPX for now: ${line}`,
  ),
};

export const credentialsRejected: Diagnosis = {
  id: "prism-central-login-rejected",
  severity: "error",
  description:
    "Prism Central rejects the credentials of a cluster: user or password are wrong, the account is locked, or the password was changed only there.",
  remedy:
    "set the password with `pulumi config set --secret --path credentials.<name>.password` and run `pulumi up`: it updates every copy, and no machine is replaced",
  find: matching(
    /invalid Nutanix credentials|(?:status|code|HTTP\S*)[^\n]{0,12}\b401\b|unauthori[sz]ed|AUTHENTICATION_REQUIRED|authentication failed|invalid username|wrong password/i,
    (cluster) => `Prism Central rejects the credentials of ${clusterName(cluster)}, from ${credentialsOf(cluster)}`,
  ),
};

export const permissionsMissing: Diagnosis = {
  id: "prism-central-permissions-missing",
  severity: "error",
  description:
    "The credentials are valid, and the user's role lacks a permission that CAPX needs. Only domain users can have less than the role Prism Central Admin.",
  remedy:
    "add the permission that the message names to the user's role (Nutanix lists them for each CAPX version); CAPX retries by itself",
  yieldsTo: "subject",
  find: matching(
    /(?:status|code|HTTP\S*)[^\n]{0,12}\b403\b|access is denied|ACCESS_DENIED|permission denied/i,
    (cluster, line) => `the user of ${clusterName(cluster)} lacks a permission that CAPX needs: ${line}`,
  ),
};

export const unreachable: Diagnosis = {
  id: "prism-central-unreachable",
  severity: "error",
  description:
    "CAPX cannot reach Prism Central from the management cluster: a wrong address or port, no DNS, a firewall, or a proxy in between.",
  remedy:
    "check `prismCentral.address` and `port`, and that pods of the management cluster reach it (`kubectl run` a curl there); a firewall must allow 9440",
  yieldsTo: "subject",
  find: matching(
    /dial tcp|no such host|i\/o timeout|connection refused|no route to host|context deadline exceeded|EOF$|proxyconnect/i,
    (cluster, line) => `${addressOf(cluster)} cannot be reached: ${line}`,
  ),
};

export const failureDomainInvalid: Diagnosis = {
  id: "failure-domain-invalid",
  severity: "error",
  description:
    "A failure domain references a Prism Element or a subnet that does not exist in Prism Central, or that do not belong together.",
  remedy: "correct `failureDomains` in the stack file; a failure domain is immutable, so set another name",
  find: forEachObject(["NutanixCluster"], (cluster) => {
    const condition = falseCondition(cluster, "FailureDomainsValidated");
    if (condition === undefined) return undefined;
    return {
      cause: `a failure domain of ${clusterName(cluster)} is invalid: ${firstLine(condition.message ?? "")}`,
      evidence: [conditionEvidence(cluster, condition)],
    };
  }),
};
