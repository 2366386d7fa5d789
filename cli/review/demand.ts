/** What a ClusterDeployment of this project's charts asks for, read out of its values. */
import { capacityOf } from "../../manifests/cluster-capacity.ts";
import { type MachineGroup, machineGroups } from "../../manifests/machine-groups.ts";
import { at, map, text } from "../../policy/rules/plain-values.ts";
import type { Cluster } from "../../schema/cluster.ts";
import type { PlainObject } from "./rendered-objects.ts";

type Plain = Readonly<Record<string, unknown>>;

/** What a ClusterDeployment of this project's charts asks for. */
export interface MachineDemand {
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
export function demandOf(object: PlainObject | undefined): MachineDemand | undefined {
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
export function describeDemand(asked: MachineDemand | undefined): string[] {
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

/** Version of k0s; undefined where the values name none. */
export function versionOf({ config }: MachineDemand): string | undefined {
  return text(at(config, "k0s", "version"));
}
