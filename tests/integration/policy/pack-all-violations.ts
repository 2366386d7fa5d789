/** One stack with a violation of every rule that a pack evaluates. */
import { RULES } from "../../../policy/rules/index.ts";
import { type PackResource, type ValidResources, validResources } from "./pack-fixture.ts";
import type { PolicyConfig } from "./pack-server.ts";
import { PACK_VIOLATIONS, type PackViolation, put } from "./pack-violations.ts";

export interface AllViolations {
  readonly resources: PackResource[];
  /** The path in the message of each rule. */
  readonly paths: Readonly<Record<string, string>>;
  /** Pulumi's own configuration of the pack. */
  readonly config: Readonly<Record<string, PolicyConfig>>;
}

export interface AllViolationsOptions {
  /** Address without TLS that serves a chart. */
  readonly chart: string;
  /** Folder of a chart that is not this project's chart of the provider. */
  readonly otherChart: string;
}

/** Resources that exist once in a stack, with violations of several rules. */
const SHARED = [
  "cluster",
  "nutanix",
  "controlPlane",
  "machines",
  "login",
  "credential",
  "source",
  "template",
  "kcm",
  "capx",
  "stack",
] as const;
const TEAM = { team: "platform" };

export function allViolations({ chart, otherChart }: AllViolationsOptions): AllViolations {
  const brokenByOthers = ["stack-is-within-quota", "k0s-version-is-maintained"];
  const found = [...firstOfEach(), UNPROTECTED].filter(({ rule }) => !brokenByOthers.includes(rule));
  const shared: ValidResources = validResources();
  const resources: PackResource[] = [];
  const paths: Record<string, string> = { "stack-is-within-quota": "clusters" };
  const config: Record<string, PolicyConfig> = { "stack-is-within-quota": { clusters: 1 } };
  for (const [index, violation] of found.entries()) {
    const isShared = SHARED.some((key) => key === violation.of);
    if (isShared) put(shared[violation.of], violation.path, violation.value);
    else resources.push(...copies(violation, index));
    paths[violation.rule] = isShared ? violation.at : renamed(violation.at, index);
    if (violation.config) config[violation.rule] = isShared ? violation.config : renamed(violation.config, index);
  }
  // What k0smotron rejects has ended, too.
  paths["k0s-version-is-maintained"] = paths["k0s-version-is-supported"]!;
  put(shared.kcm, "chart", chart);
  put(shared.capx, "chart", otherChart);
  // The plugin encodes a Secret's stringData.
  const login = "prism-central-user-is-not-admin";
  paths[login] = paths[login]!.replace(" stringData.", " data.");
  // The source without TLS violates another rule, and is from an allowed address.
  const registries = ["oci://ghcr.io/k0rdent", "https://charts.example.com", "http://charts.example.com"];
  config["charts-use-allowed-registries"] = { registries };
  resources.push(...SHARED.map((key) => shared[key]));
  // The labels and categories that two rules require, except in their own violations.
  for (const resource of resources) addRequired(resource);
  return { resources, paths, config: withLevels(config) };
}

/** The first violation of each rule that is compatible with the others. */
function firstOfEach(): PackViolation[] {
  const all = PACK_VIOLATIONS.filter(
    ({ rule, of }) => rule !== "kcm-and-capx-versions-are-compatible" || of === "capx",
  );
  return RULES.flatMap(({ name }) => all.find(({ rule }) => rule === name) ?? []);
}

/** The violation of a resource option: the property stays valid. */
const UNPROTECTED: PackViolation = {
  rule: "production-clusters-are-protected",
  of: "demo",
  path: "spec/config/workersNumber",
  value: 2,
  given: (all) => Object.assign(all.demo, { protect: false }),
  at: "ClusterDeployment kcm-system/demo protect",
};

/** The resource with the violation, and the one that it shows together with, renamed. */
function copies({ of, path, value, given, together }: PackViolation, index: number): PackResource[] {
  const all: ValidResources = validResources();
  given?.(all);
  put(all[of], path, value);
  const keys: (keyof ValidResources)[] = together ? ["demo", "edge"] : [of];
  return keys.map((key) => ({ ...renamed(all[key], index), name: `${key}-${index}` }));
}

/** Data with unique names, subnets and addresses for each copy. */
function renamed<T>(data: T, index: number): T {
  const text = JSON.stringify(data)
    .replace(/\b(edge|demo)\b/g, `$1${index}`)
    .replace(/\bEdge-Network\b/g, `Edge-Network-${index}`)
    .replace(/\b10\.1\.1\.(200|201)\b/g, `10.2.${index}.$1`);
  return JSON.parse(text);
}

function addRequired({ type, props }: PackResource): void {
  if (!type.endsWith(":ClusterDeployment")) return;
  props["metadata"].labels = { ...TEAM, ...props["metadata"].labels };
  props["spec"].config.machineDefaults.additionalCategories = [{ key: "owner", value: "x" }];
}

function withLevels(config: Readonly<Record<string, PolicyConfig>>): Record<string, PolicyConfig> {
  const level = (name: string) => RULES.find((rule) => rule.name === name)!.level({ environment: "production" });
  return Object.fromEntries(
    Object.entries(config).map(([name, settings]) => [name, { enforcementLevel: level(name), ...settings }]),
  );
}
