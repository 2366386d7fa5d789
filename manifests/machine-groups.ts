import type { Cluster } from "../schema/cluster.ts";
import type { FailureDomain, MachineDefaults, MachineOverrides } from "../schema/machine.ts";

/** What a machine of a group is made of. GPUs and data disks are workers' only. */
export type Machine = MachineDefaults & Pick<MachineOverrides, "gpus" | "dataDisks">;

/** Machines of a cluster that are made alike. */
export interface MachineGroup {
  readonly role: "controlPlane" | "worker";
  /** `control-plane`, or the name of the workers' MachineDeployment without the cluster's: `md`, `<pool>`, `<pool>-<failure domain>`. */
  readonly name: string;
  /** Where the stack file says what differs for the group: `controlPlane`, `worker`, `workerPools.<name>`. */
  readonly at: string;
  /** How many of them the cluster asks for. The controllers choose which failure domain gets the odd control plane machine. */
  readonly count: number;
  /** `machineDefaults` with the group's values in their place; cluster and subnets are those of its failure domain. */
  readonly machine: Machine;
  /** What its machine template states: the same without the cluster and the subnets of its failure domain. */
  readonly template: Machine;
  /** Name of the failure domain that the machines are kept to; undefined: none. */
  readonly failureDomain: string | undefined;
}

/** The name of the pool of `workersNumber` and `worker`. */
export const FIRST_POOL = "md";

/** The machines that a cluster asks Nutanix for, control plane first; a hosted control plane asks for none. */
export function machineGroups(cluster: Cluster): MachineGroup[] {
  const first = { role: "worker", name: FIRST_POOL, at: "worker", count: cluster.workersNumber } as const;
  const pools = Object.entries(cluster.workerPools ?? {}).map(
    ([name, { replicas, labels, taints, profile, ...pool }]) => ({
      group: { role: "worker", name, at: `workerPools.${name}`, count: replicas } as const,
      over: overridden(cluster.worker, pool),
    }),
  );
  const workers = [{ group: first, over: cluster.worker ?? {} }, ...pools];
  const controlPlane =
    cluster.mode === "hcp"
      ? []
      : [
          {
            group: {
              role: "controlPlane",
              name: "control-plane",
              at: "controlPlane",
              count: cluster.controlPlaneNumber,
            } as const,
            over: cluster.controlPlane ?? {},
          },
        ];
  return [...controlPlane, ...workers].flatMap(({ group, over }) => spread(cluster, group, over));
}

/** Overrides over defaults, key by key; image and imageLookup are one choice. */
export function overridden<T extends object>(base: T | undefined, over: MachineOverrides): T & MachineOverrides {
  const { image, imageLookup, ...rest } = { ...base } as MachineOverrides;
  const chosen = over.image === undefined && over.imageLookup === undefined ? { image, imageLookup } : {};
  const kept = Object.entries({ ...rest, ...chosen, ...over }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as T & MachineOverrides;
}

/** One group for each failure domain, the first ones a machine larger; machines that are not spread are one group. */
function spread(
  cluster: Cluster,
  group: Pick<MachineGroup, "role" | "name" | "at" | "count">,
  over: MachineOverrides,
): MachineGroup[] {
  const { failureDomains: names = [], ...machine } = overridden(cluster.machineDefaults, over);
  if (names.length === 0) return [{ ...group, machine, template: machine, failureDomain: undefined }];
  return names.map((failureDomain, index) => ({
    ...group,
    name: `${group.name}-${failureDomain}`,
    count: Math.floor(group.count / names.length) + (index < group.count % names.length ? 1 : 0),
    machine: { ...machine, ...placeOf(cluster.failureDomains?.[failureDomain]) },
    template: machine,
    failureDomain,
  }));
}

function placeOf(domain: FailureDomain | undefined): Partial<FailureDomain> {
  return domain === undefined ? {} : { cluster: domain.cluster, subnets: domain.subnets };
}
