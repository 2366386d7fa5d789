/** Do charts, images and templates come from where they should, and do their versions go together? */
import { clustersOf, isKind, K0RDENT } from "./cluster-fields.ts";
import { imagesOf } from "./container-images.ts";
import { type Field, objectField, specField } from "./field.ts";
import { at, list, map, text } from "./plain-values.ts";
import { always, type PolicyTarget, type Rule, type RuleSettings } from "./rule.ts";
import { fluxSources } from "./tls-verification.ts";

/** Helm releases among the subjects, each with its inputs. */
function releases(subjects: readonly PolicyTarget[]): Field[] {
  return subjects.filter(({ object }) => at(object, "kind") === "Release").map((subject) => specField(subject));
}

export const chartsUseTls: Rule = {
  name: "charts-use-tls",
  category: "supply",
  level: always("mandatory"),
  inspects: "`chart` and `repositoryOpts.repo` of Helm releases",
  why: "charts run with full privileges in the management cluster: an attacker who modifies one in transit controls all clusters",
  remedy: "use oci:// or https://",
  example: 'management.kcm.chart: "http://charts.example.com/kcm" is fetched without TLS; use oci:// or https://',
  check: (subjects) =>
    chartAddresses(releases(subjects))
      .filter((address) => /^http:/i.test(address.text ?? ""))
      .map((address) => address.violation("is fetched without TLS", "use oci:// or https://")),
};

function chartAddresses(all: readonly Field[]): Field[] {
  return all.flatMap((inputs) => [inputs.at("chart"), inputs.at("repositoryOpts", "repo")]);
}

/** Texts that an address may begin with, by the rule's settings; none: everything is allowed. */
function allowed(settings: RuleSettings, key: string): string[] {
  return list(settings[key]).filter((one) => typeof one === "string");
}

function isFrom(address: string, prefixes: readonly string[]): boolean {
  return prefixes.some(
    (prefix) => address === prefix || address.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`),
  );
}

export const chartsUseAllowedRegistries: Rule = {
  name: "charts-use-allowed-registries",
  category: "supply",
  level: always("mandatory"),
  inspects:
    "chart addresses in Helm releases, Flux sources and k0s configurations, and the setting `registries`; not evaluated without it",
  why: "charts from other registries have not passed your review",
  remedy: "use an allowed registry, or allow this one",
  example:
    'management.kcm.chart: "oci://registry.example.com/kcm" is not from an allowed registry; use oci://ghcr.io/k0rdent, or add this one to policy.charts-use-allowed-registries.registries',
  settings: {
    registries: {
      type: "array",
      items: { type: "string" },
      description: "allowed prefixes of chart addresses, such as `oci://ghcr.io/k0rdent`",
    },
  },
  check: (subjects, { settings }) => {
    const registries = allowed(settings, "registries");
    if (registries.length === 0) return [];
    const helm = clustersOf(subjects).map(({ k0s }) => k0s.config.at("spec", "extensions", "helm"));
    return [
      ...chartAddresses(releases(subjects)),
      ...fluxSources(subjects).map((source) => objectField(source).at("spec", "url")),
      ...releases(subjects).map((inputs) => inputs.at("values", "charts", "repository")),
      ...helm.flatMap((config) => config.at("repositories").items.map((repository) => repository.at("url"))),
    ]
      .filter((address) => isRemote(address.text) && !isFrom(address.text ?? "", registries))
      .map((address) =>
        address.violation(
          "is not from an allowed registry",
          `use ${registries.join(" or ")}, or add this one to policy.charts-use-allowed-registries.registries`,
        ),
      );
  },
};

/** Addresses with a scheme, but for the Services of the management cluster itself; folders and names are no addresses. */
function isRemote(address: string | undefined): boolean {
  return (
    address !== undefined &&
    /^[a-z][a-z0-9+.-]*:\/\//i.test(address) &&
    !/^http:\/\/[a-z0-9.-]+\.svc[.:/]/i.test(address)
  );
}

export const imagesUseAllowedRegistries: Rule = {
  name: "images-use-allowed-registries",
  category: "supply",
  level: always("mandatory"),
  inspects:
    "images of containers, k0s configurations and Helm values, and the setting `registries`; not evaluated without it",
  why: "images from other registries have not passed your scan and have no signature of yours",
  remedy: "use an allowed registry, or allow this one",
  example:
    'clusters.demo.k0s.config.spec.images.repository: "docker.io" is not from an allowed registry; use registry.example.com, or add this one to policy.images-use-allowed-registries.registries',
  settings: {
    registries: {
      type: "array",
      items: { type: "string" },
      description: "allowed prefixes of image names, such as `registry.example.com/k0s`",
    },
  },
  check: (subjects, { settings }) => {
    const registries = allowed(settings, "registries");
    if (registries.length === 0) return [];
    return imagesOf(subjects)
      .filter(({ text }) => text !== undefined && text !== "" && !isFrom(text, registries))
      .map((image) =>
        image.violation(
          "is not from an allowed registry",
          `use ${registries.join(" or ")}, or add this one to policy.images-use-allowed-registries.registries`,
        ),
      );
  },
};

const TEMPLATES = ["ProviderTemplate", "ClusterTemplate", "ServiceTemplate"];

export const templatesUseAllowedSources: Rule = {
  name: "templates-use-allowed-sources",
  category: "supply",
  level: always("mandatory"),
  inspects:
    "`spec.helm.chartSpec.sourceRef` of ProviderTemplates, ClusterTemplates and ServiceTemplates, and the setting `sources`; not evaluated without it",
  why: "templates define every cluster and provider, with the privileges of kcm",
  remedy: "use an allowed source, or allow this one",
  example:
    'ClusterTemplate kcm-system/own spec.helm.chartSpec.sourceRef.name: "charts" is not an allowed source; use nutanix-charts, or add this one to policy.templates-use-allowed-sources.sources',
  settings: {
    sources: {
      type: "array",
      items: { type: "string" },
      description: "names of Flux sources that templates may use, such as `kcm-templates`",
    },
  },
  check: (subjects, { settings }) => {
    const sources = allowed(settings, "sources");
    if (sources.length === 0) return [];
    return subjects
      .filter((subject) => TEMPLATES.some((kind) => isKind(subject, K0RDENT, kind)))
      .map((subject) => objectField(subject).at("spec", "helm", "chartSpec", "sourceRef", "name"))
      .filter(({ text }) => text !== undefined && !sources.includes(text))
      .map((name) =>
        name.violation(
          "is not an allowed source",
          `use ${sources.join(" or ")}, or add this one to policy.templates-use-allowed-sources.sources`,
        ),
      );
  },
};

export const k0sDownloadUsesTls: Rule = {
  name: "k0s-download-uses-tls",
  category: "supply",
  level: always("mandatory"),
  inspects: "`global.k0sURL` of ClusterDeployments, `downloadURL` of control planes and their machines",
  why: "every node runs the downloaded binary as root, and nothing else verifies it",
  remedy: "use an https:// address",
  example: 'clusters.demo.global.k0sURL: "http://mirror.example.com" is fetched without TLS; use an https:// address',
  check: (subjects) =>
    [
      ...clustersOf(subjects).map(({ config }) => config.at("global", "k0sURL")),
      ...subjects.flatMap((subject) => downloads(subject)),
    ]
      .filter((address) => /^http:/i.test(address.text ?? ""))
      .map((address) => address.violation("is fetched without TLS", "use an https:// address")),
};

function downloads(subject: PolicyTarget): Field[] {
  const kind = text(map(subject.object)["kind"]) ?? "";
  if (!["K0sControlPlane", "K0sWorkerConfigTemplate"].includes(kind)) return [];
  const spec = objectField(subject).at("spec");
  return [spec.at("k0sConfigSpec", "downloadURL"), spec.at("template", "spec", "downloadURL")];
}
