import type { Cluster } from "../schema/cluster.ts";
import type { MachineDefaults, MachineOverrides } from "../schema/machine.ts";

/** Machines of a cluster that are made alike. */
export interface MachineGroup {
  readonly role: "controlPlane" | "worker";
  /** `control-plane`, or the name of the workers' MachineDeployment without the cluster's: `md`. */
  readonly name: string;
  /** How many of them the cluster asks for. */
  readonly count: number;
  /** What one is made of: `machineDefaults` with the role's values in their place. */
  readonly machine: MachineDefaults;
}

/** The machines that a cluster asks Nutanix for, control plane first; a hosted control plane asks for none. */
export function machineGroups(cluster: Cluster): MachineGroup[] {
  const made = (over: MachineOverrides | undefined) => ({ ...cluster.machineDefaults, ...over }) as MachineDefaults;
  const workers: MachineGroup = {
    role: "worker",
    name: "md",
    count: cluster.workersNumber,
    machine: made(cluster.worker),
  };
  if (cluster.mode === "hcp") return [workers];
  const count = cluster.controlPlaneNumber;
  return [{ role: "controlPlane", name: "control-plane", count, machine: made(cluster.controlPlane) }, workers];
}
