/** Machines of a cluster before and after: their capacity, and which of them roll. */
import { add, type Capacity, capacityOf, NOTHING } from "../../manifests/cluster-capacity.ts";
import type { MachineGroup } from "../../manifests/machine-groups.ts";
import { at, canonical, map } from "../../policy/rules/plain-values.ts";
import { type RenderedDemand, versionOf } from "./demand.ts";
import type { CapacityChange, MachineRollout } from "./model.ts";

export interface MachineChange {
  readonly before: RenderedDemand | undefined;
  readonly after: RenderedDemand | undefined;
  /** The ClusterDeployment is replaced. */
  readonly replaced: boolean;
}

/** Machines that a change replaces or updates, by group. Scaling rolls none. */
export function machineRollouts({ before, after, replaced }: MachineChange): MachineRollout[] {
  if (before === undefined || after === undefined) return [];
  const version = versionOf(before) === versionOf(after) ? [] : ["k0s.version"];
  return setsOf(after).flatMap((set): MachineRollout[] => {
    const former = setsOf(before).find(({ name }) => name === set.name);
    if (former === undefined || countOf(former) === 0 || countOf(set) === 0) return [];
    const roll = (how: MachineRollout["how"], why: string[]): MachineRollout => ({
      group: set.name,
      machines: countOf(former),
      how,
      why,
    });
    if (replaced) return [roll("replaced", ["the ClusterDeployment is replaced"])];
    const why = [
      ...templateChanges(former, set),
      ...(set.isControlPlane
        ? controlPlaneBootstrapChanges(before, after)
        : [...version, ...workerChanges(before, after, set)]),
    ];
    if (why.length > 0) return [roll("replaced", why)];
    // k0smotron passes a new version to k0s autopilot, which updates the control plane in place.
    return version.length > 0 ? [roll("updated in place", version)] : [];
  });
}

/** Machines that one controller rolls: the whole control plane, or the workers of one MachineDeployment. */
interface MachineSet {
  readonly name: string;
  readonly isControlPlane: boolean;
  readonly groups: readonly MachineGroup[];
}

function setsOf({ groups }: RenderedDemand): MachineSet[] {
  const control = groups.filter(({ role }) => role === "controlPlane");
  const workers = groups.filter(({ role }) => role === "worker");
  return [
    ...(control.length === 0 ? [] : [{ name: "control-plane", isControlPlane: true, groups: control }]),
    ...workers.map((group) => ({ name: group.name, isControlPlane: false, groups: [group] })),
  ];
}

function countOf({ groups }: MachineSet): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

/** Fields of a NutanixMachineTemplate, whose name ends in a hash of them. */
const IN_TEMPLATE = [
  "image",
  "imageLookup",
  "cluster",
  "subnets",
  "bootType",
  "vcpusPerSocket",
  "vcpuSockets",
  "memorySize",
  "systemDiskSize",
  "gpus",
  "dataDisks",
  "project",
  "additionalCategories",
];

function templateChanges(before: MachineSet, after: MachineSet): string[] {
  const values = ({ groups }: MachineSet, key: string) =>
    new Set(groups.map(({ template }) => canonical(at(template, key))));
  return IN_TEMPLATE.filter(
    (key) => canonical([...values(before, key)].sort()) !== canonical([...values(after, key)].sort()),
  );
}

/** Settings that become files, commands and arguments of every node. */
const NODE_SETTINGS = ["ssh", "proxy", "addons"];

/** Changes besides the template for which k0smotron replaces control plane machines: files and arguments of k0s. */
function controlPlaneBootstrapChanges(before: RenderedDemand, after: RenderedDemand): string[] {
  const secret = ({ config }: RenderedDemand) => at(config, "encryptionAtRest", "secretName");
  const hasWorkers = ({ groups }: RenderedDemand) => groups.some(({ role, count }) => role === "worker" && count > 0);
  return [
    ...(secret(before) === secret(after) ? [] : ["encryptionAtRest"]),
    ...NODE_SETTINGS.filter((key) => canonical(at(before.config, key)) !== canonical(at(after.config, key))),
    ...(hasWorkers(before) === hasWorkers(after)
      ? []
      : ["the first or last worker (controllers take workloads without)"]),
  ];
}

/** Changes besides the template for which the topology of a ClusterClass replaces workers. */
function workerChanges(before: RenderedDemand, after: RenderedDemand, { groups: [group] }: MachineSet): string[] {
  return group !== undefined && isClass(before) && isClass(after) ? bootstrapChanges(before, after, group) : [];
}

/** Side effects, and settings that existing machines do not get. */
export function machineNotes({ before, after }: MachineChange): string[] {
  if (before === undefined || after === undefined) return [];
  const differs = (...path: string[]) => canonical(at(before.config, ...path)) !== canonical(at(after.config, ...path));
  const hosted = after.mode === "hcp";
  const replicas = ({ config }: RenderedDemand) => String(at(config, "controlPlaneNumber"));
  return [
    ...(hosted && differs("k0s", "version")
      ? ["the pods of the hosted control plane are replaced one after the other"]
      : []),
    ...(hosted && differs("controlPlaneNumber")
      ? [`the hosted control plane scales from ${replicas(before)} to ${replicas(after)} pods`]
      : []),
    ...(!hosted && differs("k0s", "config")
      ? ["k0s.config: k0smotron 1.x replaces control plane machines for a change below spec.api or spec.storage"]
      : []),
    ...(isClass(after) ? [] : keptNotes(before, after)),
    ...groupNotes(before, after),
    ...domainNotes(before, after),
  ];
}

/** Settings that existing workers do not get. */
function keptNotes(before: RenderedDemand, after: RenderedDemand): string[] {
  const differs = (...path: string[]) => canonical(at(before.config, ...path)) !== canonical(at(after.config, ...path));
  const pools = Object.keys(map(at(after.config, "workerPools"))).map((name) => ["workerPools", name]);
  const labeled = [
    ...(differs("k0s", "worker") ? ["k0s.worker"] : []),
    ...pools
      .filter((path) => at(before.config, ...path) !== undefined)
      .filter((path) => ["labels", "taints", "profile"].some((key) => differs(...path, key)))
      .map((path) => path.join(".")),
  ];
  return [
    ...NODE_SETTINGS.filter((key) => differs(key)).map((key) => `${key}: only new workers get it`),
    ...labeled.map((path) => `${path}: only new machines get labels, taints and profile`),
  ];
}

/** Changed failure domains: no machine template holds their cluster and subnets. */
function domainNotes(before: RenderedDemand, after: RenderedDemand): string[] {
  const [old, now] = [before, after].map(({ config }) => map(at(config, "failureDomains")));
  return Object.keys(now ?? {})
    .filter((name) => old?.[name] !== undefined && canonical(old[name]) !== canonical(now?.[name]))
    .map((name) => `failureDomains.${name}: only new machines use it`);
}

/** Created and deleted machine groups. */
function groupNotes(before: RenderedDemand, after: RenderedDemand): string[] {
  const [former, current] = [before, after].map((demand) => setsOf(demand).filter((set) => countOf(set) > 0));
  const without = (sets: MachineSet[] = [], others: MachineSet[] = []) =>
    sets.filter(({ name }) => !others.some((other) => other.name === name));
  return [
    ...without(former, current).map((set) => `${set.name} is deleted with its ${countOf(set)} machines`),
    ...without(current, former).map((set) => `${set.name} is created with ${countOf(set)} machines`),
  ];
}

/** Capacity before, after, and in addition while machines roll: one new machine per group. */
export function capacityChange(change: MachineChange): CapacityChange {
  const sum = (demand: RenderedDemand | undefined) =>
    (demand?.groups ?? []).map(({ machine, count }) => capacityOf(machine, count)).reduce(add, NOTHING);
  const rolling = change.replaced
    ? []
    : machineRollouts(change)
        .filter(({ how }) => how === "replaced")
        .flatMap(({ group }) =>
          setsOf(change.after ?? { mode: "hcp", config: {}, groups: [] }).filter(({ name }) => name === group),
        )
        .flatMap(({ groups: [first] }) => (first === undefined ? [] : [first]));
  const surge = rolling.map(({ machine }) => capacityOf(machine, 1)).reduce(add, NOTHING);
  return { before: sum(change.before), after: sum(change.after), surge };
}

/** Capacity of several clusters: all of them may roll at once. */
export function totalCapacity(changes: readonly CapacityChange[]): CapacityChange {
  const sum = (part: (change: CapacityChange) => Capacity) => changes.map(part).reduce(add, NOTHING);
  return {
    before: sum((change) => change.before),
    after: sum((change) => change.after),
    surge: sum((change) => change.surge),
  };
}

/**
 * Changed bootstrap settings of a worker group, as paths of the stack file. A plain MachineDeployment keeps its machines; the
 * topology of a ClusterClass replaces them.
 */
function bootstrapChanges(before: RenderedDemand, after: RenderedDemand, group: MachineGroup): string[] {
  const [was, is] = [settingsOf(before, group), settingsOf(after, group)];
  return Object.keys(is).filter((key) => canonical(was[key]) !== canonical(is[key]));
}

function settingsOf({ config }: RenderedDemand, group: MachineGroup): Record<string, unknown> {
  const common = map(at(config, "k0s", "worker"));
  const own = map(at(config, ...group.at.split(".")));
  return {
    labels: { ...map(common["labels"]), ...map(own["labels"]) },
    taints: own["taints"] ?? common["taints"] ?? [],
    profile: own["profile"] ?? common["profile"],
    ssh: at(config, "ssh"),
    proxy: at(config, "proxy"),
    "addons.ccm": at(config, "addons", "ccm", "enabled") === true,
    "global.k0sURL": at(config, "global", "k0sURL"),
  };
}

/** Whether a cluster uses a ClusterClass. */
function isClass({ config }: RenderedDemand): boolean {
  return at(config, "clusterClass") === true;
}
