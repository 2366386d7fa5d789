/** Machines of a cluster before and after: what they cost, and which of them roll. */
import { add, type Capacity, capacityOf, NOTHING } from "../../manifests/capacity.ts";
import { type MachineGroup, machineGroups } from "../../manifests/machine-groups.ts";
import { at, map, text } from "../../policy/rules/plain.ts";
import type { Cluster } from "../../schema/cluster.ts";
import { sorted } from "./fields.ts";
import type { Cost, Roll } from "./model.ts";
import type { PlainObject } from "./objects.ts";

type Plain = Readonly<Record<string, unknown>>;

/** What a ClusterDeployment of this project's charts asks for. */
export interface Asked {
  readonly mode: Cluster["mode"];
  /** Values of the chart. */
  readonly config: Plain;
  readonly groups: readonly MachineGroup[];
}

/** Mode of a ClusterDeployment, told by its template; undefined where that is not one of this project's. */
export function modeOf(object: PlainObject | undefined): Cluster["mode"] | undefined {
  const template = text(at(object, "spec", "template")) ?? "";
  return /^nutanix-k0s-(hcp|standalone)(?:-|$)/.exec(template)?.[1] as Cluster["mode"] | undefined;
}

/** What a ClusterDeployment asks for; undefined where its values cannot be counted. */
export function askedOf(object: PlainObject | undefined): Asked | undefined {
  const mode = modeOf(object);
  if (mode === undefined) return undefined;
  const config = map(at(object, "spec", "config"));
  try {
    // What the manifests write is a cluster in the words of the stack file, with every default in its place.
    const groups = machineGroups({ mode, ...config } as unknown as Cluster);
    const isCounted = groups.every(({ count, machine }) =>
      Object.values(capacityOf(machine, count)).every((value) => Number.isFinite(value)),
    );
    return isCounted ? { mode, config, groups } : undefined;
  } catch {
    return undefined;
  }
}

/** What a cluster is made of, in a few words each: for one that is made or goes. */
export function asksOf(asked: Asked | undefined): string[] {
  if (asked === undefined) return [];
  const { host, port } = map(at(asked.config, "nutanix", "controlPlaneEndpoint"));
  const pods =
    asked.mode === "hcp" ? [`hosted control plane of ${String(at(asked.config, "controlPlaneNumber"))} pods`] : [];
  return [
    `endpoint ${String(host)}:${String(port)}`,
    `k0s ${versionOf(asked) ?? "of unknown version"}`,
    ...pods,
    ...asked.groups.map(({ name, count, machine }) => {
      const { vcpus, memoryGib, diskGib } = capacityOf(machine, 1);
      return `${count} × ${name} of ${vcpus} vCPUs, ${memoryGib} GiB of memory, ${diskGib} GiB of disk`;
    }),
  ];
}

export interface Change {
  readonly before: Asked | undefined;
  readonly after: Asked | undefined;
  /** The ClusterDeployment is deleted and made again. */
  readonly replaced: boolean;
}

/** Machines that a change replaces or updates, by group; a changed number alone rolls none. */
export function rollsOf({ before, after, replaced }: Change): Roll[] {
  if (before === undefined || after === undefined) return [];
  return after.groups.flatMap((group): Roll[] => {
    const former = before.groups.find(({ name }) => name === group.name);
    if (former === undefined || former.count === 0 || group.count === 0) return [];
    const roll = (how: Roll["how"], why: string[]): Roll => ({ group: group.name, machines: former.count, how, why });
    if (replaced) return [roll("replaced", ["the ClusterDeployment is replaced"])];
    const version = versionOf(before) === versionOf(after) ? [] : ["k0s.version"];
    const why = [
      ...templateChanges(former, group),
      ...(group.role === "controlPlane" ? bootstrapChanges(before, after) : version),
    ];
    if (why.length > 0) return [roll("replaced", why)];
    // k0smotron hands a control plane's new version to k0s's autopilot, which changes the machines that are there.
    return version.length > 0 ? [roll("updated in place", version)] : [];
  });
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

function templateChanges(before: MachineGroup, after: MachineGroup): string[] {
  return IN_TEMPLATE.filter((key) => textOf(at(before.machine, key)) !== textOf(at(after.machine, key)));
}

/** What k0smotron makes a control plane's machines anew for, beside their template: files and arguments of k0s. */
function bootstrapChanges(before: Asked, after: Asked): string[] {
  const secret = ({ config }: Asked) => at(config, "encryptionAtRest", "secretName");
  const hasWorkers = ({ groups }: Asked) => groups.some(({ role, count }) => role === "worker" && count > 0);
  return [
    ...(secret(before) === secret(after) ? [] : ["encryptionAtRest"]),
    ...(hasWorkers(before) === hasWorkers(after)
      ? []
      : ["the first or last worker (controllers take workloads without)"]),
  ];
}

function textOf(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? "";
}

function versionOf({ config }: Asked): string | undefined {
  return text(at(config, "k0s", "version"));
}

/** What changes beside machines, or does not, where that is not what a reader would expect. */
export function notesOf({ before, after }: Change): string[] {
  if (before === undefined || after === undefined) return [];
  const differs = (...path: string[]) => textOf(at(before.config, ...path)) !== textOf(at(after.config, ...path));
  const hosted = after.mode === "hcp";
  const replicas = ({ config }: Asked) => String(at(config, "controlPlaneNumber"));
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
    ...(differs("k0s", "worker")
      ? ["k0s.worker: labels and taints are given to machines that are made from now on; those that run keep theirs"]
      : []),
  ];
}

/** What a cluster's machines ask of Nutanix before, after, and on top while they roll: one new machine a group. */
export function costOf(change: Change): Cost {
  const sum = (asked: Asked | undefined) =>
    (asked?.groups ?? []).map(({ machine, count }) => capacityOf(machine, count)).reduce(add, NOTHING);
  const rolling = change.replaced
    ? []
    : rollsOf(change)
        .filter(({ how }) => how === "replaced")
        .flatMap(({ group }) => change.after?.groups.filter(({ name }) => name === group) ?? []);
  const onTop = rolling.map(({ machine }) => capacityOf(machine, 1)).reduce(add, NOTHING);
  return { before: sum(change.before), after: sum(change.after), onTop };
}

/** Costs of several clusters together: all of them may roll at once. */
export function total(costs: readonly Cost[]): Cost {
  const sum = (part: (cost: Cost) => Capacity) => costs.map(part).reduce(add, NOTHING);
  return { before: sum((cost) => cost.before), after: sum((cost) => cost.after), onTop: sum((cost) => cost.onTop) };
}
