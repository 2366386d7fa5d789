/** Machines of a cluster before and after: what they cost, and which of them roll. */
import { add, type Capacity, capacityOf, NOTHING } from "../../manifests/cluster-capacity.ts";
import type { MachineGroup } from "../../manifests/machine-groups.ts";
import { at, map } from "../../policy/rules/plain-values.ts";
import { bootstrapChanges, isClass, textOf } from "./bootstrap-changes.ts";
import { type MachineDemand, versionOf } from "./demand.ts";
import type { Cost, Roll } from "./model.ts";

export interface Change {
  readonly before: MachineDemand | undefined;
  readonly after: MachineDemand | undefined;
  /** The ClusterDeployment is deleted and made again. */
  readonly replaced: boolean;
}

/** Machines that a change replaces or updates, by group; a changed number alone rolls none. */
export function rollsOf({ before, after, replaced }: Change): Roll[] {
  if (before === undefined || after === undefined) return [];
  const version = versionOf(before) === versionOf(after) ? [] : ["k0s.version"];
  return setsOf(after).flatMap((set): Roll[] => {
    const former = setsOf(before).find(({ name }) => name === set.name);
    if (former === undefined || countOf(former) === 0 || countOf(set) === 0) return [];
    const roll = (how: Roll["how"], why: string[]): Roll => ({ group: set.name, machines: countOf(former), how, why });
    if (replaced) return [roll("replaced", ["the ClusterDeployment is replaced"])];
    const why = [
      ...templateChanges(former, set),
      ...(set.isControlPlane
        ? controlPlaneBootstrapChanges(before, after)
        : [...version, ...workerChanges(before, after, set)]),
    ];
    if (why.length > 0) return [roll("replaced", why)];
    // k0smotron hands a control plane's new version to k0s's autopilot, which changes the machines that are there.
    return version.length > 0 ? [roll("updated in place", version)] : [];
  });
}

/** Machines that one controller rolls: the whole control plane, or the workers of one MachineDeployment. */
interface MachineSet {
  readonly name: string;
  readonly isControlPlane: boolean;
  readonly groups: readonly MachineGroup[];
}

function setsOf({ groups }: MachineDemand): MachineSet[] {
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

/** What stands in a NutanixMachineTemplate, whose name ends in a hash of it: the charts' common.machineSpec. */
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
    new Set(groups.map(({ template }) => textOf(at(template, key))));
  return IN_TEMPLATE.filter(
    (key) => textOf([...values(before, key)].sort()) !== textOf([...values(after, key)].sort()),
  );
}

/** Settings that end in files, commands and arguments of every node. */
const NODE_SETTINGS = ["ssh", "proxy", "addons"];

/** What k0smotron makes a control plane's machines anew for, beside their template: files and arguments of k0s. */
function controlPlaneBootstrapChanges(before: MachineDemand, after: MachineDemand): string[] {
  const secret = ({ config }: MachineDemand) => at(config, "encryptionAtRest", "secretName");
  const hasWorkers = ({ groups }: MachineDemand) => groups.some(({ role, count }) => role === "worker" && count > 0);
  return [
    ...(secret(before) === secret(after) ? [] : ["encryptionAtRest"]),
    ...NODE_SETTINGS.filter((key) => textOf(at(before.config, key)) !== textOf(at(after.config, key))),
    ...(hasWorkers(before) === hasWorkers(after)
      ? []
      : ["the first or last worker (controllers take workloads without)"]),
  ];
}

/** What the topology of a ClusterClass makes workers anew for, beside their template. */
function workerChanges(before: MachineDemand, after: MachineDemand, { groups: [group] }: MachineSet): string[] {
  return group !== undefined && isClass(before) && isClass(after) ? bootstrapChanges(before, after, group) : [];
}

/** What changes beside machines, or does not, where that is not what a reader would expect. */
export function notesOf({ before, after }: Change): string[] {
  if (before === undefined || after === undefined) return [];
  const differs = (...path: string[]) => textOf(at(before.config, ...path)) !== textOf(at(after.config, ...path));
  const hosted = after.mode === "hcp";
  const replicas = ({ config }: MachineDemand) => String(at(config, "controlPlaneNumber"));
  return [
    ...(hosted && differs("k0s", "version")
      ? ["the hosted control plane's pods are replaced one after the other; they are no machines of Nutanix"]
      : []),
    ...(hosted && differs("controlPlaneNumber")
      ? [
          `the hosted control plane goes from ${replicas(before)} to ${replicas(after)} pods; they are no machines of Nutanix`,
        ]
      : []),
    ...(!hosted && differs("k0s", "config")
      ? ["k0s.config: k0smotron 1.x replaces the control plane's machines for a change below spec.api or spec.storage"]
      : []),
    ...(isClass(after) ? [] : keptNotes(before, after)),
    ...groupNotes(before, after),
    ...domainNotes(before, after),
  ];
}

/** What workers that run do not take over. */
function keptNotes(before: MachineDemand, after: MachineDemand): string[] {
  const differs = (...path: string[]) => textOf(at(before.config, ...path)) !== textOf(at(after.config, ...path));
  const pools = Object.keys(map(at(after.config, "workerPools"))).map((name) => ["workerPools", name]);
  const labeled = [
    ...(differs("k0s", "worker") ? ["k0s.worker"] : []),
    ...pools
      .filter((path) => at(before.config, ...path) !== undefined)
      .filter((path) => differs(...path, "labels") || differs(...path, "taints"))
      .map((path) => path.join(".")),
  ];
  return [
    ...NODE_SETTINGS.filter((key) => differs(key)).map(
      (key) => `${key}: workers that are made from now on have it; those that run keep what they have`,
    ),
    ...labeled.map(
      (place) =>
        `${place}: labels and taints are given to machines that are made from now on; those that run keep theirs`,
    ),
  ];
}

/** Failure domains that lead elsewhere: no machine template holds their cluster and subnets. */
function domainNotes(before: MachineDemand, after: MachineDemand): string[] {
  const [old, now] = [before, after].map(({ config }) => map(at(config, "failureDomains")));
  return Object.keys(now ?? {})
    .filter((name) => old?.[name] !== undefined && textOf(old[name]) !== textOf(now?.[name]))
    .map((name) => `failureDomains.${name}: machines that are made from now on go there; those that run stay`);
}

/** Groups of machines that are made, and that go. */
function groupNotes(before: MachineDemand, after: MachineDemand): string[] {
  const [old, now] = [before, after].map((asked) => setsOf(asked).filter((set) => countOf(set) > 0));
  const without = (sets: MachineSet[] = [], others: MachineSet[] = []) =>
    sets.filter(({ name }) => !others.some((other) => other.name === name));
  return [
    ...without(old, now).map((set) => `${set.name} goes, and its machines with it: ${countOf(set)}`),
    ...without(now, old).map((set) => `${set.name} is made: ${countOf(set)} machines`),
  ];
}

/** What a cluster's machines ask of Nutanix before, after, and on top while they roll: one new machine a group. */
export function costOf(change: Change): Cost {
  const sum = (asked: MachineDemand | undefined) =>
    (asked?.groups ?? []).map(({ machine, count }) => capacityOf(machine, count)).reduce(add, NOTHING);
  const rolling = change.replaced
    ? []
    : rollsOf(change)
        .filter(({ how }) => how === "replaced")
        .flatMap(({ group }) =>
          setsOf(change.after ?? { mode: "hcp", config: {}, groups: [] }).filter(({ name }) => name === group),
        )
        .flatMap(({ groups: [first] }) => (first === undefined ? [] : [first]));
  const onTop = rolling.map(({ machine }) => capacityOf(machine, 1)).reduce(add, NOTHING);
  return { before: sum(change.before), after: sum(change.after), onTop };
}

/** Costs of several clusters together: all of them may roll at once. */
export function total(costs: readonly Cost[]): Cost {
  const sum = (part: (cost: Cost) => Capacity) => costs.map(part).reduce(add, NOTHING);
  return { before: sum((cost) => cost.before), after: sum((cost) => cost.after), onTop: sum((cost) => cost.onTop) };
}
