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
  why: "a chart runs with all rights in the management cluster: whoever can change it on the way owns the clusters",
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
    "addresses of charts in Helm releases, sources of Flux and k0s configurations, and the setting `registries`: without it nothing is asked",
  why: "what is checked before it is taken into a registry of your own is not checked in anybody else's",
  remedy: "take the chart from an allowed registry, or allow this one",
  example:
    'management.kcm.chart: "oci://registry.example.com/kcm" is from no registry that is allowed; take it from oci://ghcr.io/k0rdent, or allow this one in policy.charts-use-allowed-registries.registries',
  settings: {
    registries: {
      type: "array",
      items: { type: "string" },
      description: "beginnings of the addresses that charts may come from, such as `oci://ghcr.io/k0rdent`",
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
          "is from no registry that is allowed",
          `take it from ${registries.join(" or ")}, or allow this one in policy.charts-use-allowed-registries.registries`,
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
    "images of containers, of k0s configurations and of Helm values, and the setting `registries`: without it nothing is asked",
  why: "an image runs with the rights of what it stands for: one from elsewhere was scanned and signed by nobody here",
  remedy: "take the image from an allowed registry, or allow this one",
  example:
    'clusters.demo.k0s.config.spec.images.repository: "docker.io" is from no registry that is allowed; take it from registry.example.com, or allow this one in policy.images-use-allowed-registries.registries',
  settings: {
    registries: {
      type: "array",
      items: { type: "string" },
      description: "beginnings of the names that images may have, such as `registry.example.com/k0s`",
    },
  },
  check: (subjects, { settings }) => {
    const registries = allowed(settings, "registries");
    if (registries.length === 0) return [];
    return imagesOf(subjects)
      .filter(({ text }) => text !== undefined && text !== "" && !isFrom(text, registries))
      .map((image) =>
        image.violation(
          "is from no registry that is allowed",
          `take it from ${registries.join(" or ")}, or allow this one in policy.images-use-allowed-registries.registries`,
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
    "`spec.helm.chartSpec.sourceRef` of ProviderTemplates, ClusterTemplates and ServiceTemplates, and the setting `sources`: without it nothing is asked",
  why: "a template decides what every cluster and provider is made of, with the rights of kcm",
  remedy: "name an allowed source, or allow this one",
  example:
    'ClusterTemplate kcm-system/own spec.helm.chartSpec.sourceRef.name: "charts" is no source that is allowed; name nutanix-charts, or allow this one in policy.templates-use-allowed-sources.sources',
  settings: {
    sources: {
      type: "array",
      items: { type: "string" },
      description: "names of the sources of Flux that templates may name, such as `kcm-templates`",
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
          "is no source that is allowed",
          `name ${sources.join(" or ")}, or allow this one in policy.templates-use-allowed-sources.sources`,
        ),
      );
  },
};

export const k0sDownloadUsesTls: Rule = {
  name: "k0s-download-uses-tls",
  category: "supply",
  level: always("mandatory"),
  inspects: "`global.k0sURL` of ClusterDeployments, `downloadURL` of control planes and their machines",
  why: "the program that every node runs as root comes from there, and nothing else checks what arrived",
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
