/** Rules about the sources of charts, images, templates and binaries. */
import { clustersOf } from "./clusters.ts";
import { contentFields, Field, helmReleases, isKind, K0RDENT_GROUP, objectField } from "./field.ts";
import { at, isMap, list, text } from "./plain-values.ts";
import { mandatory, type PolicyTarget, type Rule, type RuleSettings, type SettingSchema } from "./rule.ts";
import { fluxSources, isService, k0sChartAddresses, schemeOf, withoutTls } from "./tls-verification.ts";
import type { Violation } from "./violation.ts";

export const chartsUseTls: Rule = {
  name: "charts-use-tls",
  category: "supply",
  level: mandatory,
  inspects: "`chart` and the repository of Helm releases and charts",
  why: "charts run with full privileges in the management cluster: an attacker who modifies one in transit controls all clusters",
  remedy: "use oci:// or https://",
  example: 'management.kcm.chart: "http://charts.example.com/kcm" is fetched without TLS; use oci:// or https://',
  check: (targets) => withoutTls(chartAddresses(targets), "use oci:// or https://"),
};

function chartAddresses(targets: readonly PolicyTarget[]): Field[] {
  return helmReleases(targets).flatMap((inputs) => [
    inputs.at("chart"),
    inputs.at("repo"),
    inputs.at("repositoryOpts", "repo"),
    inputs.at("fetchOpts", "repo"),
  ]);
}

function allowList(name: string, description: string): Readonly<Record<string, SettingSchema>> {
  return { [name]: { type: "array", items: { type: "string" }, description } };
}

/** The allowed prefixes of a setting; none: everything is allowed. */
function allowed(settings: RuleSettings, key: string): string[] {
  return list(settings[key]).filter((one) => typeof one === "string");
}

/** Fields whose value starts with none of the prefixes, as whole parts of an address. */
function notFrom(fields: () => readonly Field[], rule: string, { registries }: RuleSettings): Violation[] {
  const prefixes = allowed({ registries }, "registries");
  if (prefixes.length === 0) return [];
  const remedy = `use ${prefixes.join(" or ")}, or add this one to policy.${rule}.registries`;
  return fields()
    .filter(({ text }) => text?.trim() && !prefixes.some((prefix) => isBelow(text, prefix)))
    .map((field) => field.violation("is not from an allowed registry", remedy));
}

/** Whether an address starts with a prefix, once its reader has trimmed it and resolved `..` in its path. */
function isBelow(address: string, prefix: string): boolean {
  const [one, other] = [address, prefix].map(resolved) as [string, string];
  return one === other || one.startsWith(other.endsWith("/") ? other : `${other}/`);
}

function resolved(address: string): string {
  const bare = address.trim().replaceAll("\\", "/");
  const [, scheme = "", host = "", path = ""] = /^([a-z][a-z0-9+.-]*:\/\/)?([^/]*)(.*)$/is.exec(bare) ?? [];
  // Only URL resolves what a server would: `%2e%2e` too.
  const { pathname } = new URL(`https://host${path.replace(/[?#].*$/s, "")}`);
  const below = scheme === "" ? host : host.toLowerCase();
  return `${scheme.toLowerCase()}${below}${path === "" ? "" : pathname}`;
}

export const chartsUseAllowedRegistries: Rule = {
  name: "charts-use-allowed-registries",
  category: "supply",
  level: mandatory,
  inspects:
    "chart addresses in Helm releases, Flux sources, k0s configurations and addons, `global.registry`, and the setting `registries`; not evaluated without it",
  why: "charts from other registries have not passed your review",
  remedy: "use an allowed registry, or allow this one",
  example:
    'management.kcm.chart: "oci://registry.example.com/kcm" is not from an allowed registry; use oci://ghcr.io/k0rdent, or add this one to policy.charts-use-allowed-registries.registries',
  settings: allowList("registries", "allowed prefixes of chart addresses, such as `oci://ghcr.io/k0rdent`"),
  check: (targets, { settings }) =>
    notFrom(
      () => [...chartsOf(targets).filter(isRemote), ...registriesOf(targets, "oci://")],
      chartsUseAllowedRegistries.name,
      settings,
    ),
};

function chartsOf(targets: readonly PolicyTarget[]): Field[] {
  return [
    ...chartAddresses(targets),
    ...fluxSources(targets).map((source) => source.at("spec", "url")),
    ...helmReleases(targets).map((inputs) => inputs.at("values", "charts", "repository")),
    ...clustersOf(targets).flatMap(({ k0s, config }) => [
      ...k0sChartAddresses(k0s.config),
      ...["ccm", "csi"].map((addon) => config.at("addons", addon, "repository")),
      config.at("kubeVip", "repository"),
    ]),
  ];
}

/** `global.registry` of ClusterDeployments, which the charts and images of a cluster come from. */
function registriesOf(targets: readonly PolicyTarget[], scheme = ""): Field[] {
  return clustersOf(targets)
    .map(({ config }) => config.at("global", "registry"))
    .map((field) => new Field(field.path, () => field.text && `${scheme}${field.text.trim()}`, field));
}

/** Addresses with a scheme, except Services of the management cluster; folders and names have no scheme. */
function isRemote({ text = "" }: Field): boolean {
  return schemeOf(text) !== undefined && !isService(text);
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
  check: (targets, { settings }) => notFrom(() => imagesOf(targets), imagesUseAllowedRegistries.name, settings),
};

/** Images in objects, k0s configurations and Helm values, and the registry that replaces them. */
function imagesOf(targets: readonly PolicyTarget[]): Field[] {
  return [...registriesOf(targets), ...targets.flatMap((target) => contentFields(target).flatMap(imageKeys))];
}

/**
 * Every `image` that is a text, and `repository` and `registry` where it is a map; `initImage`, `images` and `imageRegistry` too, a map
 * of `repository` and `tag` by any name, and the lines of values that are a text.
 */
function imageKeys(field: Field): Field[] {
  return [...field.items.flatMap(imageKeys), ...field.entries.flatMap(([key, child]) => keyedImages(key, child))];
}

function keyedImages(key: string, field: Field): Field[] {
  if (key === "values" && typeof field.value === "string") return imageLines(field);
  const isImage = /^(images?|.*Images?)((Registry|Repository)$)?$/.test(key);
  if (!isImage && !(field.at("tag").isSet && field.at("repository").isSet)) return imageKeys(field);
  if (typeof field.value === "string") return [field];
  const registry = field.at("registry");
  const items = field.items.filter(({ value }) => typeof value === "string");
  const below = /mages$/.test(key) ? field.entries.filter(([, { value }]) => isMap(value)) : [];
  return [
    registry.isSet ? registry : field.at("repository"),
    ...items,
    ...below.flatMap(([, child]) => keyedImages("image", child)),
    ...imageKeys(field),
  ];
}

/** k0s takes the values of its charts as a text of YAML or JSON. */
const IMAGE_LINE =
  /\b(?:image|\w*Image|imageRegistry|registry|(?:\w*R|r)epository)["']?[ \t]*:[ \t]*["']?([^\s"',{}[\]#&*|>]+)/g;

function imageLines(field: Field): Field[] {
  const found = [...(field.text ?? "").matchAll(IMAGE_LINE)].flatMap(([, image]) => image ?? []);
  return found.map((image) => new Field(field.path, () => image, field));
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

const HTTPS = "use an https:// address";

export const k0sDownloadUsesTls: Rule = {
  name: "k0s-download-uses-tls",
  category: "supply",
  level: mandatory,
  inspects:
    "`global.k0sURL` of ClusterDeployments, `downloadURL` of K0sControlPlanes, K0sWorkerConfigs and their templates",
  why: "every node runs the downloaded binary as root, and nothing else verifies it; without a scheme curl uses http://",
  remedy: HTTPS,
  example: `clusters.demo.global.k0sURL: "http://mirror.example.com" is not an https:// address; ${HTTPS}`,
  check: (targets) =>
    [...clustersOf(targets).map(({ config }) => config.at("global", "k0sURL")), ...targets.flatMap(downloadUrls)]
      .filter(({ text = "" }) => text.trim() !== "" && !/^https:\/\/[^\s"'`$;&|<>\\]+$/i.test(text.trim()))
      .map((address) => address.violation("is not an https:// address", HTTPS)),
};

const BOOTSTRAP_KINDS = /^K0s(ControlPlane|WorkerConfig|ControllerConfig)(Template)?$/;

function downloadUrls(target: PolicyTarget): Field[] {
  if (!BOOTSTRAP_KINDS.test(text(at(target.object, "kind")) ?? "")) return [];
  const spec = objectField(target).at("spec");
  return [spec, spec.at("template", "spec")].flatMap((one) => [
    one.at("downloadURL"),
    one.at("k0sConfigSpec", "downloadURL"),
  ]);
}
