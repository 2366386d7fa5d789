/** Rules about TLS: Prism Central, the API server, and the sources of charts in workload clusters and Flux. */
import ipaddr from "ipaddr.js";
import type { ClusterFields } from "./cluster-fields.ts";
import { clustersOf } from "./clusters.ts";
import { isHost } from "./endpoint-rules.ts";
import { type Field, isKind, objectField } from "./field.ts";
import { prismCentralsOf } from "./prism-centrals.ts";
import {
  advisory,
  always,
  inProduction,
  mandatory,
  mandatoryOutsideDev,
  type PolicyTarget,
  type Rule,
} from "./rule.ts";
import type { Violation } from "./violation.ts";

const PRISM_CENTRALS =
  "the stack's `prismCentral`, of the variables of CAPX, and of `prismCentral` of ClusterDeployments, NutanixClusters and NutanixClusterTemplates";

/** A violation if the field is true. */
function ifTrue(field: Field, reason: string, remedy: string): Violation[] {
  return field.value === true ? [field.violation(reason, remedy)] : [];
}

/** The scheme of an address as its reader trims and spells it; undefined without one. */
export function schemeOf(address: string): string | undefined {
  return /^\s*(https?(?=:)|[a-z][a-z0-9+.-]*(?=:\/\/))/i.exec(address)?.[1]?.toLowerCase();
}

const SECURE_SCHEMES = ["https", "oci", "ssh", "git+https", "git+ssh", "s3", "gs", "file"];

/** A violation if the address has a scheme without TLS. */
export function withoutTls(addresses: readonly Field[], remedy: string): Violation[] {
  return addresses
    .filter(({ text = "" }) => !SECURE_SCHEMES.includes(schemeOf(text) ?? "file"))
    .map((address) => address.violation("is fetched without TLS", remedy));
}

export const prismCentralTlsIsVerified: Rule = {
  name: "prism-central-tls-is-verified",
  category: "tls",
  level: mandatoryOutsideDev,
  nonWaivable: inProduction,
  inspects: `\`insecure\` of ${PRISM_CENTRALS}`,
  why: "without verification an attacker in the network path can read the password of Prism Central and impersonate it",
  remedy: "set `insecure: false`, and set `trustBundle` if no public CA signed Prism Central's certificate",
  example:
    "clusters.edge.nutanix.prismCentral.insecure: true disables verification of Prism Central's certificate; set it to false, and set prismCentral.trustBundle to its CA certificates",
  check: (targets) =>
    prismCentralsOf(targets).flatMap(({ insecure }) =>
      ifTrue(
        insecure,
        "disables verification of Prism Central's certificate",
        "set it to false, and set prismCentral.trustBundle to its CA certificates",
      ),
    ),
};

export const prismCentralAddressIsAHost: Rule = {
  name: "prism-central-address-is-a-host",
  category: "tls",
  level: mandatory,
  nonWaivable: always,
  inspects: `\`address\` of ${PRISM_CENTRALS}`,
  why: "CAPX builds the URL from scheme, address and port, and an address with a user would expose a password in plain text",
  remedy: "set only the DNS name or the IP address",
  example:
    'clusters.edge.nutanix.prismCentral.address: is not a host alone: CAPX adds scheme and port; set "pc", and set port separately',
  check: (targets) =>
    prismCentralsOf(targets).flatMap(({ address }) => {
      const text = address.text ?? "";
      if (/[^A-Za-z0-9.-]|^[.-]|-$/.test(text)) {
        const remedy = `set ${quotedHost(text)}, and set port separately`;
        return [address.redacted("is not a host alone: CAPX adds scheme and port", remedy)];
      }
      return text === "" || isHost(text.replace(/\.$/, ""))
        ? []
        : [address.violation("is neither an IPv4 address nor a DNS name", "set the one of Prism Central")];
    }),
};

/** Only the host of an address may be printed: the part before an @ can be a password. */
function quotedHost(address: string): string {
  const host = address
    .replace(/^[a-z]+:\/\//i, "")
    .replace(/^.*@/s, "")
    .replace(/[/:?#].*$/s, "")
    .trim();
  return /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(host) ? `"${host}"` : "the DNS name or the IP address";
}

export const prismCentralAddressIsADnsName: Rule = {
  name: "prism-central-address-is-a-dns-name",
  category: "tls",
  level: advisory,
  inspects: "`prismCentral.address` of ClusterDeployments, of NutanixClusters and of the global credentials",
  why: "Prism Central's default certificate contains no IP address, so verification by address fails",
  remedy: "use the DNS name; or install a certificate that contains the address, and disable this policy",
  example:
    'clusters.edge.nutanix.prismCentral.address: "10.1.1.100" is an IP address, which Prism Central\'s default certificate does not contain; use the DNS name',
  check: (targets) =>
    prismCentralsOf(targets)
      .map(({ address }) => address)
      .filter(({ text = "" }) => ipaddr.isValid(text))
      .map((address) =>
        address.violation(
          "is an IP address, which Prism Central's default certificate does not contain",
          "use the DNS name",
        ),
      ),
};

const SECURE_SCHEME = "use https:// or oci://";

export const workloadChartsVerifyTls: Rule = {
  name: "workload-charts-verify-tls",
  category: "tls",
  level: mandatory,
  inspects: "`spec.extensions.helm` of k0s configurations in ClusterDeployments and control planes",
  why: "charts that k0s installs run with full privileges in the workload cluster, and k0s does not verify certificates by default",
  remedy: `${SECURE_SCHEME}, and set \`insecure: false\``,
  example: `clusters.demo.k0s.config.spec.extensions.helm.repositories.0.url: "http://charts.example.com" is fetched without TLS; ${SECURE_SCHEME}`,
  check: (targets) => clustersOf(targets).flatMap(workloadChartViolations),
};

/** Addresses of the charts that k0s installs. */
export function k0sChartAddresses(k0sConfig: Field): Field[] {
  const helm = k0sConfig.at("spec", "extensions", "helm");
  return [
    ...helm.at("repositories").items.map((repository) => repository.at("url")),
    ...helm.at("charts").items.map((chart) => chart.at("chartname")),
  ];
}

function workloadChartViolations({ k0s, config }: ClusterFields): Violation[] {
  const helm = k0s.config.at("spec", "extensions", "helm");
  const repositories = helm.at("repositories").items;
  // This project's charts default to false; k0s itself defaults to true.
  const unverified = repositories
    .map((repository) => repository.at("insecure"))
    .filter(({ value }) => value === true || (value === undefined && !config.isSet));
  return [
    ...withoutTls(k0sChartAddresses(k0s.config), SECURE_SCHEME),
    ...unverified.map((insecure) =>
      insecure.violation("makes k0s fetch charts without verifying the certificate", "set insecure: false"),
    ),
  ];
}

export const fluxSourcesVerifyTls: Rule = {
  name: "flux-sources-verify-tls",
  category: "tls",
  level: mandatory,
  inspects: "`spec.url` and `spec.insecure` of Flux's HelmRepositories, OCIRepositories, GitRepositories and Buckets",
  why: "templates come from these sources: an attacker who modifies one in transit controls every cluster",
  remedy: `${SECURE_SCHEME}; http:// is allowed only for Services of the management cluster`,
  example: `HelmRepository kcm-system/charts spec.url: "http://charts.example.com" is fetched without TLS; ${SECURE_SCHEME}`,
  check: (targets) =>
    fluxSources(targets).flatMap((source) => {
      const url = source.at("spec", "url");
      return [
        ...(isService(url.text ?? "") ? [] : withoutTls([url], SECURE_SCHEME)),
        ...ifTrue(source.at("spec", "insecure"), "makes Flux access the registry without TLS", "remove it"),
      ];
    }),
};

const SOURCES = ["HelmRepository", "OCIRepository", "GitRepository", "Bucket"];
/** Only the cluster's own domain: anybody can register another one below `svc`. */
const SERVICE = /^\s*http:\/\/[a-z0-9-]+\.[a-z0-9-]+\.svc(\.cluster\.local\.?)?(:\d+)?(\/|$)/i;

export function isService(address: string): boolean {
  return SERVICE.test(address);
}

/** Flux sources. */
export function fluxSources(targets: readonly PolicyTarget[]): Field[] {
  return targets
    .filter((target) => SOURCES.some((kind) => isKind(target, "source.toolkit.fluxcd.io", kind)))
    .map((target) => objectField(target));
}
