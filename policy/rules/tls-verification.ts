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
  why: "without verification an attacker in the network path can read the password of Prism Central and impersonate it",
  remedy: "set `insecure: false`, and set `trustBundle` if no public CA signed Prism Central's certificate",
  example:
    "clusters.edge.nutanix.prismCentral.insecure: true disables verification of Prism Central's certificate; set it to false, and set prismCentral.trustBundle to its CA certificates",
  check: (subjects) =>
    clustersOf(subjects).flatMap(({ central: { insecure } }) =>
      insecure.value === true
        ? [
            insecure.violation(
              "disables verification of Prism Central's certificate",
              "set it to false, and set prismCentral.trustBundle to its CA certificates",
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
      reason: "is not a host alone: CAPX adds scheme and port",
      remedy: `set ${isHost ? `"${bare}"` : "the DNS name or the address"}, and set port separately`,
    },
  ];
}

export const prismCentralAddressIsAHost: Rule = {
  name: "prism-central-address-is-a-host",
  category: "tls",
  level: always("mandatory"),
  nonWaivable: everywhere,
  inspects: "`prismCentral.address` of ClusterDeployments and of NutanixClusters",
  why: "CAPX builds the URL from scheme, address and port, and an address with a user would expose a password in plain text",
  remedy: "set only the DNS name or the IP address",
  example:
    'clusters.edge.nutanix.prismCentral.address: is not a host alone: CAPX adds scheme and port; set "pc", and set port separately',
  check: (subjects) =>
    clustersOf(subjects).flatMap(({ name, central: { address } }) =>
      bareHostViolations(address.path, address.text ?? "").map((fault) => ({ ...fault, cluster: name })),
    ),
};

export const prismCentralIpAddressHasTrustBundle: Rule = {
  name: "prism-central-ip-address-has-trust-bundle",
  category: "tls",
  level: always("advisory"),
  inspects: "`prismCentral.address` and the trust bundle of clusters with a dedicated credential",
  why: "Prism Central's default certificate contains no IP address, so verification by address fails",
  remedy: "use the DNS name, or install a certificate that contains the address and set `trustBundle` to its CA",
  example:
    'clusters.edge.nutanix.prismCentral.address: "10.1.1.100" is an IP address without a trust bundle; use the DNS name, or set trustBundle to the CA of a certificate that contains the address',
  check: (subjects) =>
    clustersOf(subjects).flatMap(({ central: { address, bundle, inlineBundle, isGlobal } }) => {
      const is = address.text;
      if (is === undefined || !ipaddr.isValid(is) || isGlobal()) return [];
      if (bundle.isSet || inlineBundle.isSet) return [];
      return [
        address.violation(
          "is an IP address without a trust bundle",
          "use the DNS name, or set trustBundle to the CA of a certificate that contains the address",
        ),
      ];
    }),
};

export const apiServerAnonymousAuthIsDisabled: Rule = {
  name: "api-server-anonymous-auth-is-disabled",
  category: "tls",
  level: always("mandatory"),
  inspects: "`spec.api.extraArgs.anonymous-auth` of k0s configurations in ClusterDeployments and control planes",
  why: "with it any client that reaches the endpoint can call the API server without authentication; k0s disables it by default",
  remedy: "remove the argument",
  example:
    'clusters.demo.k0s.config.spec.api.extraArgs.anonymous-auth: "true" lets unauthenticated clients call the API server; remove it, since k0s sets it to false',
  check: (subjects) =>
    clustersOf(subjects).flatMap(({ k0s: { config } }) => {
      const argument = config.at("spec", "api", "extraArgs", "anonymous-auth");
      return String(argument.value) === "true"
        ? [
            argument.violation(
              "lets unauthenticated clients call the API server",
              "remove it, since k0s sets it to false",
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
  why: "charts that k0s installs run with full privileges in the workload cluster, and k0s does not verify certificates by default",
  remedy: "use https:// or oci://, and set `insecure: false`",
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
        .violation("makes k0s fetch charts without verifying the certificate", "set insecure: false"),
    ),
  ];
}

export const fluxSourcesVerifyTls: Rule = {
  name: "flux-sources-verify-tls",
  category: "tls",
  level: always("mandatory"),
  inspects: "`spec.url` and `spec.insecure` of Flux's HelmRepositories, OCIRepositories and GitRepositories",
  why: "templates come from these sources: an attacker who modifies one in transit controls every cluster",
  remedy: "use https:// or oci://; http:// is allowed only for Services of the management cluster",
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
      ? [spec.at("insecure").violation("makes Flux access the registry without TLS", "remove it")]
      : []),
  ];
}
