/** Is what clusters and their charts talk to the one that was meant, and can that be checked? */
import ipaddr from "ipaddr.js";
import { type ClusterFields, clustersOf, isKind } from "./cluster-fields.ts";
import { objectField } from "./field.ts";
import { always, everywhere, inProduction, type PolicyTarget, type Rule, strictOutsideDev } from "./rule.ts";
import type { Violation } from "./violation.ts";

export const prismCentralTlsIsVerified: Rule = {
  name: "prism-central-tls-is-verified",
  category: "tls",
  level: strictOutsideDev,
  nonWaivable: inProduction,
  inspects: "`prismCentral.insecure` of ClusterDeployments and of NutanixClusters",
  why: "without the check anybody on the way can read the password of Prism Central and answer in its place",
  remedy: "leave `insecure` at false, and give the CA certificates where no public CA signed Prism Central's",
  example:
    "clusters.edge.nutanix.prismCentral.insecure: true switches the check of Prism Central's certificate off; set it to false, and give its CA certificates in prismCentral.trustBundle",
  check: (subjects) =>
    clustersOf(subjects).flatMap(({ central: { insecure } }) =>
      insecure.value === true
        ? [
            insecure.violation(
              "switches the check of Prism Central's certificate off",
              "set it to false, and give its CA certificates in prismCentral.trustBundle",
            ),
          ]
        : [],
    ),
};

/** What is wrong with an address that must be a bare host; the same for the stack's Prism Central and a cluster's. */
export function bareHostViolations(path: string, address: string): Violation[] {
  if (!/[/@:?#\s]/.test(address)) return [];
  // Only the host may be shown: what stands before an @ can be a password.
  const bare = address
    .replace(/^[a-z]+:\/\//i, "")
    .replace(/^.*@/s, "")
    .replace(/[/:?#].*$/s, "")
    .trim();
  const isHost = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(bare);
  return [
    {
      path,
      reason: "is not a bare host: CAPX adds scheme and port by itself",
      remedy: `write ${isHost ? `"${bare}"` : "the DNS name or the address"} alone, and the port under port`,
    },
  ];
}

export const prismCentralAddressIsAHost: Rule = {
  name: "prism-central-address-is-a-host",
  category: "tls",
  level: always("mandatory"),
  nonWaivable: everywhere,
  inspects: "`prismCentral.address` of ClusterDeployments and of NutanixClusters",
  why: "CAPX joins scheme, address and port itself, and an address with a user in it would put a password into the clear",
  remedy: "write the DNS name or the IP address alone",
  example:
    'clusters.edge.nutanix.prismCentral.address: is not a bare host: CAPX adds scheme and port by itself; write "pc" alone, and the port under port',
  check: (subjects) =>
    clustersOf(subjects).flatMap(({ name, central: { address } }) =>
      bareHostViolations(address.path, address.text ?? "").map((fault) => ({ ...fault, cluster: name })),
    ),
};

export const prismCentralIpAddressHasTrustBundle: Rule = {
  name: "prism-central-ip-address-has-trust-bundle",
  category: "tls",
  level: always("advisory"),
  inspects: "`prismCentral.address` and the trust bundle of clusters that have a credential of their own",
  why: "the certificate that Prism Central comes with names no IP address, so that no check of it by address can succeed",
  remedy: "use the DNS name, or give a certificate that names the address, and its CA",
  example:
    'clusters.edge.nutanix.prismCentral.address: "10.1.1.100" is an IP address, and no trust bundle is given with it; write the DNS name, or give the CA certificates of a certificate that names the address',
  check: (subjects) =>
    clustersOf(subjects).flatMap(({ central: { address, bundle, inlineBundle, isGlobal } }) => {
      const is = address.text;
      if (is === undefined || !ipaddr.isValid(is) || isGlobal()) return [];
      if (bundle.isSet || inlineBundle.isSet) return [];
      return [
        address.violation(
          "is an IP address, and no trust bundle is given with it",
          "write the DNS name, or give the CA certificates of a certificate that names the address",
        ),
      ];
    }),
};

export const apiServerAnonymousAuthIsDisabled: Rule = {
  name: "api-server-anonymous-auth-is-disabled",
  category: "tls",
  level: always("mandatory"),
  inspects: "`spec.api.extraArgs.anonymous-auth` of k0s configurations in ClusterDeployments and control planes",
  why: "whoever reaches the endpoint could ask the API server without a login: k0s refuses that unless it is told otherwise",
  remedy: "leave the argument out",
  example:
    'clusters.demo.k0s.config.spec.api.extraArgs.anonymous-auth: "true" lets everybody who reaches the endpoint ask the API server; leave it out, since k0s sets it to false',
  check: (subjects) =>
    clustersOf(subjects).flatMap(({ k0s: { config } }) => {
      const argument = config.at("spec", "api", "extraArgs", "anonymous-auth");
      return String(argument.value) === "true"
        ? [
            argument.violation(
              "lets everybody who reaches the endpoint ask the API server",
              "leave it out, since k0s sets it to false",
            ),
          ]
        : [];
    }),
};

export const workloadChartsVerifyTls: Rule = {
  name: "workload-charts-verify-tls",
  category: "tls",
  level: always("mandatory"),
  inspects: "`spec.extensions.helm` of k0s configurations in ClusterDeployments and control planes",
  why: "a chart that k0s installs runs with all rights in the workload cluster, and k0s checks no certificate unless it is told to",
  remedy: "use https:// or oci://, and write `insecure: false`",
  example:
    'clusters.demo.k0s.config.spec.extensions.helm.repositories.0.url: "http://charts.example.com" is fetched without TLS; use https:// or oci://',
  check: (subjects) => clustersOf(subjects).flatMap(repositoryFaults),
};

function repositoryFaults({ k0s: { config }, config: values }: ClusterFields): Violation[] {
  const helm = config.at("spec", "extensions", "helm");
  const withoutTls = [
    ...helm.at("repositories").items.map((repository) => repository.at("url")),
    ...helm.at("charts").items.map((chart) => chart.at("chartname")),
  ].filter((address) => /^http:/i.test(address.text ?? ""));
  const unchecked = helm.at("repositories").items.filter((repository) => {
    const insecure = repository.at("insecure").value;
    // The charts of this project write false where nothing is written; k0s itself takes nothing for true.
    return insecure === true || (insecure === undefined && !values.isSet);
  });
  return [
    ...withoutTls.map((address) => address.violation("is fetched without TLS", "use https:// or oci://")),
    ...unchecked.map((repository) =>
      repository
        .at("insecure")
        .violation("lets k0s fetch charts without a check of the certificate", "write insecure: false"),
    ),
  ];
}

export const fluxSourcesVerifyTls: Rule = {
  name: "flux-sources-verify-tls",
  category: "tls",
  level: always("mandatory"),
  inspects: "`spec.url` and `spec.insecure` of Flux's HelmRepositories, OCIRepositories and GitRepositories",
  why: "templates come from these sources: whoever can change one on the way decides what every cluster is made of",
  remedy: "use https:// or oci://; only a Service of the management cluster itself may be asked by http://",
  example:
    'HelmRepository kcm-system/charts spec.url: "http://charts.example.com" is fetched without TLS; use https:// or oci://',
  check: (subjects) => subjects.flatMap(sourceFaults),
};

const SOURCES = ["HelmRepository", "OCIRepository", "GitRepository"];
const SERVICE = /^http:\/\/[a-z0-9-]+\.[a-z0-9-]+\.svc(\.[a-z0-9.-]+)?(:\d+)?(\/|$)/i;

/** Sources of Flux among the subjects. */
export function fluxSources(subjects: readonly PolicyTarget[]): PolicyTarget[] {
  return subjects.filter((subject) => SOURCES.some((kind) => isKind(subject, "source.toolkit.fluxcd.io", kind)));
}

function sourceFaults(subject: PolicyTarget): Violation[] {
  const [source] = fluxSources([subject]);
  if (source === undefined) return [];
  const spec = objectField(source).at("spec");
  const url = spec.at("url");
  const isPlain = /^(http|git):/i.test(url.text ?? "") && !SERVICE.test(url.text ?? "");
  return [
    ...(isPlain ? [url.violation("is fetched without TLS", "use https:// or oci://")] : []),
    ...(spec.at("insecure").value === true
      ? [spec.at("insecure").violation("lets Flux ask the registry without TLS", "take it out")]
      : []),
  ];
}
