/** What keeps CAPX from working with Prism Central for a cluster: trust, login, rights, reach. */

import { type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import { CAPX_VARIABLES } from "../../manifests/names.ts";
import { type Diagnosis, type Found, nameOf, ofCondition } from "./finding.ts";
import { clusterOf, type DiagnosisInput, falseOf } from "./input.ts";
import { firstLine } from "./management-health.ts";
import { clusterName, clusters, complaints, secretOf, X509 } from "./nutanix-cluster.ts";

const addressOf = ({ spec }: KubernetesObject) => textAt(spec, "prismCentral", "address") ?? "Prism Central";

/** A finding for each NutanixCluster about which one of the complaints matches. */
function matching(
  the: DiagnosisInput,
  pattern: RegExp,
  cause: (cluster: KubernetesObject, text: string) => string,
): Found[] {
  return clusters(the).flatMap((cluster): Found[] => {
    const said = complaints(the, cluster).filter(({ text }) => pattern.test(text));
    const [first] = said;
    if (first === undefined) return [];
    return [
      {
        subject: nameOf(cluster),
        cluster: clusterOf(cluster),
        cause: cause(cluster, first.text),
        evidence: said.map(({ evidence }) => evidence).slice(0, 3),
      },
    ];
  });
}

/** Where the login of a cluster comes from. */
function loginOf(cluster: KubernetesObject): string {
  const secret = secretOf(cluster);
  return secret === undefined ? `the global credentials (Secret ${CAPX_VARIABLES})` : `the Secret ${secret}`;
}

export const certificateRefused: Diagnosis = {
  id: "prism-central-not-trusted",
  severity: "error",
  means:
    "CAPX does not trust the certificate of Prism Central: it is signed by a CA that is not in the trust bundle, has expired, or names another host (the factory certificate names no IP address).",
  remedy:
    "put the CA that signed Prism Central's certificate into `prismCentral.trustBundle`, use the host name that the certificate names, and run `pulumi up`",
  yieldsTo: "subject",
  find: (the) =>
    matching(
      the,
      X509,
      (cluster, text) => `the certificate of ${addressOf(cluster)} is not trusted: ${firstLine(text).trim()}`,
    ),
};

const REFUSED =
  /invalid Nutanix credentials|(?:status|code|HTTP\S*)[^\n]{0,12}\b401\b|unauthori[sz]ed|AUTHENTICATION_REQUIRED|authentication failed|invalid username|wrong password/i;
const FORBIDDEN = /(?:status|code|HTTP\S*)[^\n]{0,12}\b403\b|access is denied|ACCESS_DENIED|permission denied/i;

export const loginRefused: Diagnosis = {
  id: "prism-central-login-rejected",
  severity: "error",
  means:
    "Prism Central refuses the login of a cluster: user or password are wrong, the account is locked, or the password was changed there only.",
  remedy:
    "set the right login with `pulumi config set --secret --path credentials.<name>.password` and run `pulumi up`: every copy follows, no machine rolls",
  find: (the) =>
    matching(
      the,
      REFUSED,
      (cluster) => `Prism Central refuses the login of ${clusterName(cluster)}, from ${loginOf(cluster)}`,
    ),
};

export const notAllowed: Diagnosis = {
  id: "prism-central-rights-missing",
  severity: "error",
  means:
    "The login works, and its role lacks a permission that CAPX needs. Only domain users can have less than the role Prism Central Admin.",
  remedy:
    "add the permission that the message names to the role of that user (Nutanix lists them for each CAPX version); CAPX tries again by itself",
  yieldsTo: "subject",
  find: (the) =>
    matching(
      the,
      FORBIDDEN,
      (cluster, text) => `the user of ${clusterName(cluster)} may not do what CAPX asks: ${firstLine(text).trim()}`,
    ),
};

const NO_REACH =
  /dial tcp|no such host|i\/o timeout|connection refused|no route to host|context deadline exceeded|EOF$|proxyconnect/i;

export const unreachable: Diagnosis = {
  id: "prism-central-unreachable",
  severity: "error",
  means:
    "CAPX cannot reach Prism Central from the management cluster: a wrong address or port, no DNS, a firewall, or a proxy in between.",
  remedy:
    "check `prismCentral.address` and `port`, and that pods of the management cluster reach it (`kubectl run` a curl there); a firewall must let 9440 through",
  yieldsTo: "subject",
  find: (the) =>
    matching(the, NO_REACH, (cluster, text) => `${addressOf(cluster)} cannot be reached: ${firstLine(text).trim()}`),
};

export const failureDomains: Diagnosis = {
  id: "failure-domain-wrong",
  severity: "error",
  means:
    "A failure domain names a Prism Element or a subnet that Prism Central does not have, or that do not go together.",
  remedy:
    "correct `failureDomains` in the stack file; a failure domain's content is immutable, so give it another name",
  find: (the) =>
    clusters(the).flatMap((cluster): Found[] => {
      const condition = falseOf(cluster, "FailureDomainsValidated");
      if (condition === undefined) return [];
      const cause = `a failure domain of ${clusterName(cluster)} is wrong: ${firstLine(condition.message ?? "")}`;
      return [
        { subject: nameOf(cluster), cluster: clusterOf(cluster), cause, evidence: [ofCondition(cluster, condition)] },
      ];
    }),
};
