/** Rules about the sources of charts, images, templates and binaries. */
import { clustersOf } from "./clusters.ts";
import { type Field, helmReleases, isKind, K0RDENT_GROUP, objectField, specField } from "./field.ts";
import { at, list } from "./plain-values.ts";
import { mandatory, type PolicyTarget, type Rule, type RuleSettings, type SettingSchema } from "./rule.ts";
import { fluxSources, withoutTls } from "./tls-verification.ts";
import type { Violation } from "./violation.ts";

export const chartsUseTls: Rule = {
  name: "charts-use-tls",
  category: "supply",
  level: mandatory,
  inspects: "`chart` and `repositoryOpts.repo` of Helm releases",
  why: "charts run with full privileges in the management cluster: an attacker who modifies one in transit controls all clusters",
  remedy: "use oci:// or https://",
  example: 'management.kcm.chart: "http://charts.example.com/kcm" is fetched without TLS; use oci:// or https://',
  check: (targets) => withoutTls(chartAddresses(targets), "use oci:// or https://"),
};

function chartAddresses(targets: readonly PolicyTarget[]): Field[] {
  return helmReleases(targets).flatMap((inputs) => [inputs.at("chart"), inputs.at("repositoryOpts", "repo")]);
}

function allowList(name: string, description: string): Readonly<Record<string, SettingSchema>> {
  return { [name]: { type: "array", items: { type: "string" }, description } };
}

/** The allowed prefixes of a setting; none: everything is allowed. */
function allowed(settings: RuleSettings, key: string): string[] {
  return list(settings[key]).filter((one) => typeof one === "string");
}

/** Fields whose value starts with none of the prefixes, as whole parts of an address. */
function notFrom(fields: readonly Field[], rule: string, { registries }: RuleSettings): Violation[] {
  const prefixes = allowed({ registries }, "registries");
  if (prefixes.length === 0) return [];
  const isFrom = (address: string) =>
    prefixes.some((prefix) => address === prefix || address.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`));
  const remedy = `use ${prefixes.join(" or ")}, or add this one to policy.${rule}.registries`;
  return fields
    .filter(({ text }) => text && !isFrom(text))
    .map((field) => field.violation("is not from an allowed registry", remedy));
}

export const chartsUseAllowedRegistries: Rule = {
  name: "charts-use-allowed-registries",
  category: "supply",
  level: mandatory,
  inspects:
    "chart addresses in Helm releases, Flux sources and k0s configurations, and the setting `registries`; not evaluated without it",
  why: "charts from other registries have not passed your review",
  remedy: "use an allowed registry, or allow this one",
  example:
    'management.kcm.chart: "oci://registry.example.com/kcm" is not from an allowed registry; use oci://ghcr.io/k0rdent, or add this one to policy.charts-use-allowed-registries.registries',
  settings: allowList("registries", "allowed prefixes of chart addresses, such as `oci://ghcr.io/k0rdent`"),
  check: (targets, { settings }) => {
    const k0sCharts = clustersOf(targets).flatMap(
      ({ k0s }) => k0s.config.at("spec", "extensions", "helm", "repositories").items,
    );
    const addresses = [
      ...chartAddresses(targets),
      ...fluxSources(targets).map((source) => source.at("spec", "url")),
      ...helmReleases(targets).map((inputs) => inputs.at("values", "charts", "repository")),
      ...k0sCharts.map((repository) => repository.at("url")),
    ];
    return notFrom(addresses.filter(isRemote), chartsUseAllowedRegistries.name, settings);
  },
};

/** Addresses with a scheme, except Services of the management cluster; folders and names have no scheme. */
function isRemote({ text = "" }: Field): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && !/^http:\/\/[a-z0-9.-]+\.svc[.:/]/i.test(text);
}

export const imagesUseAllowedRegistries: Rule = {
  name: "images-use-allowed-registries",
  category: "supply",
  level: mandatory,
  inspects:
    "images of containers, k0s configurations and Helm values, and the setting `registries`; not evaluated without it",
  why: "images from other registries have not passed your scan and have no signature of yours",
  remedy: "use an allowed registry, or allow this one",
  example:
    'clusters.demo.k0s.config.spec.images.repository: "docker.io" is not from an allowed registry; use registry.example.com, or add this one to policy.images-use-allowed-registries.registries',
  settings: allowList("registries", "allowed prefixes of image names, such as `registry.example.com/k0s`"),
  check: (targets, { settings }) => notFrom(imagesOf(targets), imagesUseAllowedRegistries.name, settings),
};

const WORKLOADS = ["Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job"];

/** Images of containers, k0s configurations and Helm values. */
function imagesOf(targets: readonly PolicyTarget[]): Field[] {
  const k0s = clustersOf(targets).map((cluster) => cluster.k0s.config.at("spec", "images"));
  return [
    ...k0s.flatMap((images) => [images.at("repository"), ...imageKeys(images)]),
    ...targets.flatMap(workloadImages),
  ];
}

function workloadImages(target: PolicyTarget): Field[] {
  const kind = at(target.object, "kind") as string;
  if (kind === "Release") return imageKeys(specField(target).at("values"));
  const spec = objectField(target).at("spec");
  if (kind === "Pod") return containerImages(spec);
  if (kind === "CronJob") return containerImages(spec.at("jobTemplate", "spec", "template", "spec"));
  return WORKLOADS.includes(kind) ? containerImages(spec.at("template", "spec")) : [];
}

function containerImages(pod: Field): Field[] {
  return [...pod.at("containers").items, ...pod.at("initContainers").items].map((container) => container.at("image"));
}

/** Every `image` that is a string, and `image.repository` where it is a map. */
function imageKeys(field: Field): Field[] {
  return field.entries.flatMap(([key, child]) => {
    if (key !== "image") return imageKeys(child);
    return typeof child.value === "string" ? [child] : [child.at("repository")];
  });
}

const TEMPLATES = ["ProviderTemplate", "ClusterTemplate", "ServiceTemplate"];

export const templatesUseAllowedSources: Rule = {
  name: "templates-use-allowed-sources",
  category: "supply",
  level: mandatory,
  inspects:
    "`spec.helm.chartSpec.sourceRef` of ProviderTemplates, ClusterTemplates and ServiceTemplates, and the setting `sources`; not evaluated without it",
  why: "templates define every cluster and provider, with the privileges of kcm",
  remedy: "use an allowed source, or allow this one",
  example:
    'ClusterTemplate kcm-system/own spec.helm.chartSpec.sourceRef.name: "charts" is not an allowed source; use nutanix-charts, or add this one to policy.templates-use-allowed-sources.sources',
  settings: allowList("sources", "names of Flux sources that templates may use, such as `kcm-templates`"),
  check: (targets, { settings }) => {
    const sources = allowed(settings, "sources");
    if (sources.length === 0) return [];
    const remedy = `use ${sources.join(" or ")}, or add this one to policy.templates-use-allowed-sources.sources`;
    return targets
      .filter((target) => TEMPLATES.some((kind) => isKind(target, K0RDENT_GROUP, kind)))
      .map((target) => objectField(target).at("spec", "helm", "chartSpec", "sourceRef", "name"))
      .filter(({ text }) => text !== undefined && !sources.includes(text))
      .map((name) => name.violation("is not an allowed source", remedy));
  },
};

export const k0sDownloadUsesTls: Rule = {
  name: "k0s-download-uses-tls",
  category: "supply",
  level: mandatory,
  inspects: "`global.k0sURL` of ClusterDeployments, `downloadURL` of control planes and their machines",
  why: "every node runs the downloaded binary as root, and nothing else verifies it",
  remedy: "use an https:// address",
  example: 'clusters.demo.global.k0sURL: "http://mirror.example.com" is fetched without TLS; use an https:// address',
  check: (targets) =>
    withoutTls(
      [...clustersOf(targets).map(({ config }) => config.at("global", "k0sURL")), ...targets.flatMap(downloadUrls)],
      "use an https:// address",
    ),
};

function downloadUrls(target: PolicyTarget): Field[] {
  if (!["K0sControlPlane", "K0sWorkerConfigTemplate"].includes(at(target.object, "kind") as string)) return [];
  const spec = objectField(target).at("spec");
  return [spec.at("k0sConfigSpec", "downloadURL"), spec.at("template", "spec", "downloadURL")];
}
