/** One stack in which every rule that a pack can ask is broken once, put together of the faults that are tried one by one. */
import { RULES } from "../../policy/rules/index.ts";
import { type Sound, sound, type Written } from "./pack-fixture.ts";
import type { PolicyWords } from "./pack-server.ts";
import { put, WRONG, type Wrong } from "./pack-violations.ts";

export interface Everything {
  readonly resources: Written[];
  /** What each rule has to say, after its own reason why. */
  readonly messages: Readonly<Record<string, string>>;
  /** Pulumi's own configuration of the pack. */
  readonly words: Readonly<Record<string, PolicyWords>>;
}

export interface EverythingOptions {
  /** Address without TLS that serves a chart. */
  readonly chart: string;
  /** Folder of a chart that is not this project's chart of the provider. */
  readonly elsewhere: string;
}

/** Objects that stand once in a stack: faults of several rules come together in them. */
const ONCE = [
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

export function everythingWrong({ chart, elsewhere }: EverythingOptions): Everything {
  const found = [...firstOfEach(), UNPROTECTED].filter(({ rule }) => rule !== "stack-is-within-quota");
  const shared: Sound = sound();
  const resources: Written[] = [];
  const messages: Record<string, string> = {};
  const words: Record<string, PolicyWords> = {};
  for (const [index, wrong] of found.entries()) {
    const stands = ONCE.some((key) => key === wrong.of);
    if (stands) put(shared[wrong.of], wrong.path, wrong.value);
    else resources.push(...copies(wrong, index));
    messages[wrong.rule] = stands ? wrong.message : renamed(wrong.message, index);
    if (wrong.words !== undefined) words[wrong.rule] = stands ? wrong.words : renamed(wrong.words, index);
  }
  put(shared.kcm, ["chart"], chart);
  put(shared.kcm, ["version"], "1.4.0");
  put(shared.capx, ["chart"], elsewhere);
  messages["kcm-and-capx-versions-are-compatible"] =
    "Release kcm-system/nutanix-capx inputs.version: is not compatible with kcm 1.4.0; use CAPX 1.7 or 1.8";
  // As the plugin hands a Secret over, whatever the program wrote.
  const login = "prism-central-user-is-not-admin";
  messages[login] = messages[login]!.replace(" stringData.", " data.");
  // The source without TLS breaks another rule, and is of an allowed address.
  const registries = ["oci://ghcr.io/k0rdent", "https://charts.example.com", "http://charts.example.com"];
  words["charts-use-allowed-registries"] = { registries };
  messages["charts-use-allowed-registries"] = messages["charts-use-allowed-registries"]!.replace(
    /take it from .*, or/,
    `use ${registries.join(" or ")}, or`,
  );
  resources.push(...ONCE.map((key) => shared[key]));
  // All clusters but those of the fault itself carry what two rules ask for.
  for (const one of resources) dress(one);
  const clusters = resources.filter(({ type }) => /:(ClusterDeployment|NutanixCluster)$/.test(type)).length;
  words["stack-is-within-quota"] = { clusters: 1 };
  messages["stack-is-within-quota"] =
    `clusters: request ${clusters} clusters, more than the quota of 1; reduce the request, or ask for a larger quota`;
  return { resources, messages, words: leveled(words) };
}

/** The first fault of each rule, but where another of it goes together with the rest of the stack. */
function firstOfEach(): Wrong[] {
  const all = WRONG.filter(({ rule, of }) => rule !== "kcm-and-capx-versions-are-compatible" || of === "capx");
  return RULES.flatMap(({ name }) => all.find(({ rule }) => rule === name) ?? []);
}

/** The one rule whose fault is no property of a resource: one that is sound is left as it is, and Pulumi may delete it. */
const UNPROTECTED: Wrong = {
  rule: "production-clusters-are-protected",
  of: "demo",
  path: ["spec", "config", "workersNumber"],
  value: 2,
  given: (all) => Object.assign(all.demo, { protect: false }),
  message:
    "ClusterDeployment kcm-system/demo protect: is false for a cluster in production; remove it, or waive this rule for the cluster until it is deleted",
};

/** The resource with the fault, with the one that it shows beside, under names and addresses of their own. */
function copies({ of, path, value, given, together }: Wrong, index: number): Written[] {
  const all: Sound = sound();
  given?.(all);
  put(all[of], path, value);
  const taken: (keyof Sound)[] = together ? ["demo", "edge"] : [of];
  return taken.map((key) => ({ ...renamed(all[key], index), name: `${key}-${index}` }));
}

/** Text or data with the names, subnets and addresses of the two clusters told apart from those of all other copies. */
function renamed<T>(data: T, index: number): T {
  const text = JSON.stringify(data)
    .replace(/\b(edge|demo)\b/g, `$1${index}`)
    .replace(/\bEdge-Network\b/g, `Edge-Network-${index}`)
    .replace(/\b10\.1\.1\.(200|201)\b/g, `10.2.${index}.$1`);
  return JSON.parse(text);
}

function dress({ type, props }: Written): void {
  if (!type.endsWith(":ClusterDeployment")) return;
  props["metadata"].labels = { ...TEAM, ...props["metadata"].labels };
  props["spec"].config.machineDefaults.additionalCategories = [{ key: "owner", value: "x" }];
}

function leveled(words: Readonly<Record<string, PolicyWords>>): Record<string, PolicyWords> {
  const level = (name: string) => RULES.find((rule) => rule.name === name)!.level({ environment: "production" });
  return Object.fromEntries(
    Object.entries(words).map(([name, word]) => [name, { enforcementLevel: level(name), ...word }]),
  );
}
