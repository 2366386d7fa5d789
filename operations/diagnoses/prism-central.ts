/** What keeps CAPX from working with Prism Central for a cluster: login, trust, reach, and the two objects that it takes for its own. */
import { CAPX_VARIABLES } from "../../manifests/names.ts";
import { conditionsOf } from "../conditions.ts";
import { type LiveObject, textAt } from "../live-object.ts";
import { all, type Case, clusterOf, eventsOf, falseOf, isBlind, linesOf, named, wholeName } from "./case.ts";
import { type Diagnosis, type Evidence, type Found, nameOf, ofCondition, ofEvent, ofStatus } from "./finding.ts";
import { firstLine } from "./management.ts";

const clusters = (the: Case) => all(the, "NutanixCluster");
const secretOf = ({ spec }: LiveObject) => textAt(spec, "prismCentral", "credentialRef", "name");
const addressOf = ({ spec }: LiveObject) => textAt(spec, "prismCentral", "address") ?? "Prism Central";

/** Everything that a NutanixCluster, its events and CAPX's log say against it. */
function complaints(the: Case, cluster: LiveObject): { text: string; evidence: Evidence }[] {
  const { name } = cluster.metadata;
  const failing = conditionsOf(cluster).filter(({ status }) => status === "False");
  // Log lines are many and of all clusters: only errors that name this one.
  const lines = linesOf(the, "capx", wholeName(name)).filter(({ line }) => /error|fail/i.test(line));
  const failure = textAt(cluster.status, "failureMessage");
  return [
    ...failing.map((condition) => ({
      text: `${condition.reason ?? ""} ${condition.message ?? ""}`,
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

/** A finding for each NutanixCluster about which one of the complaints matches. */
function matching(the: Case, pattern: RegExp, cause: (cluster: LiveObject, text: string) => string): Found[] {
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
function loginOf(cluster: LiveObject): string {
  const secret = secretOf(cluster);
  return secret === undefined ? `the global credentials (Secret ${CAPX_VARIABLES})` : `the Secret ${secret}`;
}

export const secretGone: Diagnosis = {
  id: "credentials-gone",
  severity: "error",
  means:
    "The Secret with which CAPX logs in for a cluster is not there. While the cluster lives nothing works any more; while it is deleted, its machines cannot be: the finalizer of the NutanixCluster waits for a login that nobody has.",
  remedy:
    "make the Secret again, with a login that still works: `pulumi refresh` and then `pulumi up` do it. Do not take the finalizer away: the virtual machines would stay on Nutanix",
  find: (the) => {
    if (isBlind(the, "Secret")) return [];
    return clusters(the).flatMap((cluster): Found[] => {
      const name = secretOf(cluster);
      if (name === undefined || named(the, "Secret", name) !== undefined) return [];
      const { deletionTimestamp, finalizers = [] } = cluster.metadata;
      const holds = deletionTimestamp === undefined ? "" : `; its deletion is held by ${finalizers.join(", ")}`;
      return [
        {
          subject: nameOf(cluster),
          cluster: clusterOf(cluster),
          cause: `the Secret ${name} with the login of ${cluster.metadata.name} is gone${holds}`,
          evidence: [
            { what: "object", of: `Secret ${name}`, text: "not found" },
            ...(deletionTimestamp === undefined
              ? []
              : [{ ...ofStatus(cluster, "is being deleted"), since: deletionTimestamp }]),
            ...complaints(the, cluster)
              .filter(({ text }) => text.includes(name))
              .map(({ evidence }) => evidence)
              .slice(0, 2),
          ],
        },
      ];
    });
  },
};

const OWNED = /already owned by another nutanixCluster/i;

export const secretShared: Diagnosis = {
  id: "credentials-owned-by-another-cluster",
  severity: "error",
  means:
    "CAPX takes the Secret and the trust bundle that a cluster names for its own, refuses them to a second cluster, and deletes them with the first.",
  remedy:
    "give each cluster a Secret and a bundle of its own: leave `credentialSecretName` and `additionalTrustBundleConfigMapName` out of the stack file, and run `pulumi up`",
  find: (the) =>
    clusters(the).flatMap((cluster): Found[] => {
      const name = secretOf(cluster);
      const owner = named(the, "Secret", name)?.metadata.ownerReferences?.find(
        (one) => one.kind === "NutanixCluster" && one.name !== cluster.metadata.name,
      );
      const said = complaints(the, cluster).filter(({ text }) => OWNED.test(text));
      if (owner === undefined && said.length === 0) return [];
      const whose = owner === undefined ? "another cluster" : `the cluster ${owner.name}`;
      return [
        {
          subject: nameOf(cluster),
          cluster: clusterOf(cluster),
          cause: `${cluster.metadata.name} names the Secret ${name ?? "or bundle"} that belongs to ${whose}`,
          evidence: [
            ...(owner
              ? [{ what: "object" as const, of: `Secret ${name}`, text: `owned by NutanixCluster ${owner.name}` }]
              : []),
            ...said.map(({ evidence }) => evidence).slice(0, 2),
          ],
        },
      ];
    }),
};

const X509 = /x509|certificate signed by unknown authority|certificate is not (trusted|valid)|tls: failed to verify/i;

export const bundleWithoutCa: Diagnosis = {
  id: "trust-bundle-without-ca",
  severity: "error",
  means:
    "CAPX reads the trust bundle of a cluster under the key `ca.crt` and takes a ConfigMap without it for an empty bundle, with no error. The only sign is an x509 error on every call later.",
  remedy:
    "name the bundle as `prismCentral.trustBundle` in the stack file and run `pulumi up`, which writes it under `ca.crt`",
  find: (the) => {
    if (isBlind(the, "ConfigMap")) return [];
    return clusters(the).flatMap((cluster): Found[] => {
      if (textAt(cluster.spec, "prismCentral", "additionalTrustBundle", "kind") !== "ConfigMap") return [];
      const name = textAt(cluster.spec, "prismCentral", "additionalTrustBundle", "name") ?? "";
      const bundle = named(the, "ConfigMap", name);
      if (bundle?.data?.["ca.crt"]) return [];
      const keys = Object.keys(bundle?.data ?? {});
      const lacks = keys.length === 0 ? "is empty" : `has ${keys.join(", ")} and no ca.crt`;
      return [
        {
          subject: nameOf(cluster),
          cluster: clusterOf(cluster),
          cause: `the trust bundle ${name} of ${cluster.metadata.name} ${bundle === undefined ? "is not there" : lacks}`,
          evidence: [
            {
              what: "object",
              of: `ConfigMap ${name}`,
              text: bundle === undefined ? "not found" : `keys: ${keys.join(", ") || "none"}`,
            },
            ...complaints(the, cluster)
              .filter(({ text }) => X509.test(text) || text.includes(name))
              .map(({ evidence }) => evidence)
              .slice(0, 2),
          ],
        },
      ];
    });
  },
};

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
  id: "prism-central-login-refused",
  severity: "error",
  means:
    "Prism Central refuses the login of a cluster: user or password are wrong, the account is locked, or the password was changed there only.",
  remedy:
    "set the right login with `pulumi config set --secret --path credentials.<name>.password` and run `pulumi up`: every copy follows, no machine rolls",
  find: (the) =>
    matching(
      the,
      REFUSED,
      (cluster) => `Prism Central refuses the login of ${cluster.metadata.name}, from ${loginOf(cluster)}`,
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
      (cluster, text) => `the user of ${cluster.metadata.name} may not do what CAPX asks: ${firstLine(text).trim()}`,
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
      const cause = `a failure domain of ${cluster.metadata.name} is wrong: ${firstLine(condition.message ?? "")}`;
      return [
        { subject: nameOf(cluster), cluster: clusterOf(cluster), cause, evidence: [ofCondition(cluster, condition)] },
      ];
    }),
};
