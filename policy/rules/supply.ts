/** Do charts, images and templates come from where they should, and do their versions go together? */
import { clustersOf, isKind, K0RDENT } from "./cluster.ts";
import { imagesOf } from "./images.ts";
import { objectPlace, type Place, specPlace } from "./place.ts";
import { at, list, map, text } from "./plain.ts";
import { always, type Rule, type RuleSettings, type Subject } from "./rule.ts";
import { fluxSources } from "./tls.ts";

/** Helm releases among the subjects, each with its inputs. */
function releases(subjects: readonly Subject[]): Place[] {
  return subjects.filter(({ object }) => at(object, "kind") === "Release").map((subject) => specPlace(subject));
}

export const chartsComeSafely: Rule = {
  name: "charts-come-safely",
  question: "supply",
  level: always("mandatory"),
  reads: "`chart` and `repositoryOpts.repo` of Helm releases",
  why: "a chart runs with all rights in the management cluster: whoever can change it on the way owns the clusters",
  remedy: "use oci:// or https://",
  example: 'management.kcm.chart: "http://charts.example.com/kcm" is fetched without TLS; use oci:// or https://',
  check: (subjects) =>
    chartAddresses(releases(subjects))
      .filter((address) => /^http:/i.test(address.text ?? ""))
      .map((address) => address.fault("is fetched without TLS", "use oci:// or https://")),
};

function chartAddresses(all: readonly Place[]): Place[] {
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

export const chartsComeFromAllowedRegistries: Rule = {
  name: "charts-come-from-allowed-registries",
  question: "supply",
  level: always("mandatory"),
  reads:
    "addresses of charts in Helm releases, sources of Flux and k0s configurations, and the setting `registries`: without it nothing is asked",
  why: "what is checked before it is taken into a registry of your own is not checked in anybody else's",
  remedy: "take the chart from an allowed registry, or allow this one",
  example:
    'management.kcm.chart: "oci://registry.example.com/kcm" is from no registry that is allowed; take it from oci://ghcr.io/k0rdent, or allow this one in policy.charts-come-from-allowed-registries.registries',
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
      ...fluxSources(subjects).map((source) => objectPlace(source).at("spec", "url")),
      ...releases(subjects).map((inputs) => inputs.at("values", "charts", "repository")),
      ...helm.flatMap((config) => config.at("repositories").items.map((repository) => repository.at("url"))),
    ]
      .filter((address) => isRemote(address.text) && !isFrom(address.text ?? "", registries))
      .map((address) =>
        address.fault(
          "is from no registry that is allowed",
          `take it from ${registries.join(" or ")}, or allow this one in policy.charts-come-from-allowed-registries.registries`,
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

export const imagesComeFromAllowedRegistries: Rule = {
  name: "images-come-from-allowed-registries",
  question: "supply",
  level: always("mandatory"),
  reads:
    "images of containers, of k0s configurations and of Helm values, and the setting `registries`: without it nothing is asked",
  why: "an image runs with the rights of what it stands for: one from elsewhere was scanned and signed by nobody here",
  remedy: "take the image from an allowed registry, or allow this one",
  example:
    'clusters.demo.k0s.config.spec.images.repository: "docker.io" is from no registry that is allowed; take it from registry.example.com, or allow this one in policy.images-come-from-allowed-registries.registries',
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
        image.fault(
          "is from no registry that is allowed",
          `take it from ${registries.join(" or ")}, or allow this one in policy.images-come-from-allowed-registries.registries`,
        ),
      );
  },
};

const TEMPLATES = ["ProviderTemplate", "ClusterTemplate", "ServiceTemplate"];

export const templatesComeFromAllowedSources: Rule = {
  name: "templates-come-from-allowed-sources",
  question: "supply",
  level: always("mandatory"),
  reads:
    "`spec.helm.chartSpec.sourceRef` of ProviderTemplates, ClusterTemplates and ServiceTemplates, and the setting `sources`: without it nothing is asked",
  why: "a template decides what every cluster and provider is made of, with the rights of kcm",
  remedy: "name an allowed source, or allow this one",
  example:
    'ClusterTemplate kcm-system/own spec.helm.chartSpec.sourceRef.name: "charts" is no source that is allowed; name nutanix-charts, or allow this one in policy.templates-come-from-allowed-sources.sources',
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
      .map((subject) => objectPlace(subject).at("spec", "helm", "chartSpec", "sourceRef", "name"))
      .filter(({ text }) => text !== undefined && !sources.includes(text))
      .map((name) =>
        name.fault(
          "is no source that is allowed",
          `name ${sources.join(" or ")}, or allow this one in policy.templates-come-from-allowed-sources.sources`,
        ),
      );
  },
};

export const k0sIsDownloadedSafely: Rule = {
  name: "k0s-is-downloaded-safely",
  question: "supply",
  level: always("mandatory"),
  reads: "`global.k0sURL` of ClusterDeployments, `downloadURL` of control planes and their machines",
  why: "the program that every node runs as root comes from there, and nothing else checks what arrived",
  remedy: "use an https:// address",
  example: 'clusters.demo.global.k0sURL: "http://mirror.example.com" is fetched without TLS; use an https:// address',
  check: (subjects) =>
    [
      ...clustersOf(subjects).map(({ config }) => config.at("global", "k0sURL")),
      ...subjects.flatMap((subject) => downloads(subject)),
    ]
      .filter((address) => /^http:/i.test(address.text ?? ""))
      .map((address) => address.fault("is fetched without TLS", "use an https:// address")),
};

function downloads(subject: Subject): Place[] {
  const kind = text(map(subject.object)["kind"]) ?? "";
  if (!["K0sControlPlane", "K0sWorkerConfigTemplate"].includes(kind)) return [];
  const spec = objectPlace(subject).at("spec");
  return [spec.at("k0sConfigSpec", "downloadURL"), spec.at("template", "spec", "downloadURL")];
}
