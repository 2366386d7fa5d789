import { bytes } from "../policy/rules/plain-values.ts";
import type { Cluster } from "../schema/cluster.ts";
import { type Machine, machineGroups } from "./machine-groups.ts";

/** What some clusters ask of Nutanix. vCPUs and machines are counts; memory and disk are in GiB, data disks among them. */
export interface Capacity {
  readonly machines: number;
  readonly vcpus: number;
  readonly memoryGib: number;
  readonly diskGib: number;
}

const GIB = 2 ** 30;
export const NOTHING: Capacity = { machines: 0, vcpus: 0, memoryGib: 0, diskGib: 0 };

/** What one cluster's machines ask for; a hosted control plane asks nothing of Nutanix. */
export function capacity(cluster: Cluster): Capacity {
  return machineGroups(cluster)
    .map(({ machine, count }) => capacityOf(machine, count))
    .reduce(add, NOTHING);
}

/** Two capacities together. */
export function add(one: Capacity, other: Capacity): Capacity {
  return {
    machines: one.machines + other.machines,
    vcpus: one.vcpus + other.vcpus,
    memoryGib: one.memoryGib + other.memoryGib,
    diskGib: one.diskGib + other.diskGib,
  };
}

/** What a number of machines made alike ask for. */
export function capacityOf(machine: Machine, count: number): Capacity {
  const disks = [machine.systemDiskSize, ...(machine.dataDisks ?? []).map(({ diskSize }) => diskSize)];
  const disk = disks.reduce((sum, size) => sum + (bytes(size) ?? 0), 0);
  return {
    machines: count,
    vcpus: count * machine.vcpusPerSocket * machine.vcpuSockets,
    memoryGib: (count * (bytes(machine.memorySize) ?? 0)) / GIB,
    diskGib: (count * disk) / GIB,
  };
}
