/** The machines that a ClusterDeployment of this project's charts requests, read from its values. */
import { capacityOf } from "../../manifests/cluster-capacity.ts";
import { type MachineGroup, machineGroups } from "../../manifests/machine-groups.ts";
import { at, map, type Plain, text } from "../../policy/rules/plain-values.ts";
import type { Cluster } from "../../schema/cluster.ts";
import type { RenderedObject } from "../stack/render-stack.ts";

export interface RenderedDemand {
  readonly mode: Cluster["mode"];
  /** Values of the chart. */
  readonly config: Plain;
  readonly groups: readonly MachineGroup[];
}

/** Mode of a ClusterDeployment by its template; undefined for templates of other charts. */
export function modeOf(object: RenderedObject | undefined): Cluster["mode"] | undefined {
  const template = text(at(object, "spec", "template")) ?? "";
  return /^nutanix-k0s-(hcp|standalone)(?:-|$)/.exec(template)?.[1] as Cluster["mode"] | undefined;
}

/** The machines of a ClusterDeployment; undefined where its values are not valid. */
export function demandOf(object: RenderedObject | undefined): RenderedDemand | undefined {
  const mode = modeOf(object);
  if (mode === undefined) return undefined;
  const config = map(at(object, "spec", "config"));
  try {
    // The values are a cluster of the stack file with all defaults.
    const groups = machineGroups({ mode, ...config } as unknown as Cluster);
    const isCounted = groups.every(({ count, machine }) =>
      Object.values(capacityOf(machine, count)).every((value) => Number.isFinite(value)),
    );
    return isCounted ? { mode, config, groups } : undefined;
  } catch {
    return undefined;
  }
}

/** `host:port` of the API server. */
export function endpointOf(demand: RenderedDemand): string {
  const { host, port } = map(at(demand.config, "nutanix", "controlPlaneEndpoint"));
  return `${String(host)}:${String(port)}`;
}

/** A summary of a created or deleted cluster. */
export function describeDemand(demand: RenderedDemand | undefined): string[] {
  if (demand === undefined) return [];
  const pods =
    demand.mode === "hcp" ? [`hosted control plane of ${String(at(demand.config, "controlPlaneNumber"))} pods`] : [];
  return [
    `k0s ${versionOf(demand) ?? "of unknown version"}`,
    ...pods,
    ...demand.groups.map(({ name, count, machine }) => {
      const { vcpus, memoryGib, diskGib } = capacityOf(machine, 1);
      return `${count} × ${name} of ${vcpus} vCPUs, ${memoryGib} GiB of memory, ${diskGib} GiB of disk`;
    }),
  ];
}

/** Version of k0s; undefined where the values name none. */
export function versionOf({ config }: RenderedDemand): string | undefined {
  return text(at(config, "k0s", "version"));
}
