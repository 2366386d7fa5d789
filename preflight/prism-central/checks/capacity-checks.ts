/** Do the Prism Elements have memory, cores and storage for all clusters together, and for an update of them? */
import type { Capacity } from "../../../manifests/cluster-capacity.ts";
import { identifierText } from "../../../manifests/cluster-config.ts";
import { type Check, type CheckOutcome, fail, inconclusive, inconclusiveBy, pass } from "../../check.ts";
import { machineDemand, type PrismElementDemand } from "../machine-demand.ts";
import { resolveIdentifier } from "../resolve-identifier.ts";

const GIB = 2 ** 30;

export const CAPACITY_CHECKS: readonly Check[] = [
  prismElementCheck(
    {
      id: "memory-is-available",
      description: "the hosts have memory for all clusters, and for one more machine of each group during an update",
    },
    async (demand) => {
      const { all, update, prismElement } = demand;
      const { hosts, machines } = await usageOf(demand);
      const total = sum(hosts, ({ memoryBytes }) => memoryBytes) / GIB;
      if (total === 0) return [inconclusive(`Prism Central reports no hosts of "${prismElement.name}"`)];
      const free = total - sum(machines, ({ memoryBytes }) => memoryBytes) / GIB;
      const needs = demandText(demand, ({ memoryGib }) => gib(memoryGib));
      const message = `${needs}; "${prismElement.name}" has ${gib(Math.max(0, free))} of ${gib(total)} free`;
      if (all.memoryGib + update.memoryGib <= free) return [pass(message)];
      return [fail(message, "reduce the machines, or add hosts; controller VMs and reserves need memory too")];
    },
  ),
  prismElementCheck(
    {
      id: "vcpus-are-available",
      description:
        "the hosts have a core for each vCPU of all clusters and of an update (overcommitment is inconclusive), and one host has the threads of the largest machine",
    },
    async (demand) => {
      const { all, update, largest, prismElement } = demand;
      const name = `"${prismElement.name}"`;
      const { hosts, machines } = await usageOf(demand);
      const cores = sum(hosts, ({ cores = 0 }) => cores);
      if (cores === 0) return [inconclusive(`Prism Central reports no cores of the hosts of ${name}`)];
      const threads = Math.max(...hosts.map((host) => host.threads ?? Number.POSITIVE_INFINITY));
      if (largest > threads) {
        const message = `a machine needs ${largest} vCPUs, and no host of ${name} has more than ${threads} threads`;
        return [fail(message, "reduce the vCPUs of the machine")];
      }
      const used = sum(machines, ({ vcpus }) => vcpus);
      const needs = demandText(demand, ({ vcpus }) => `${vcpus} vCPUs`);
      const message = `${needs}; ${name} has ${cores} cores for ${used} running vCPUs`;
      const ratio = (used + all.vcpus + update.vcpus) / cores;
      if (ratio <= 1) return [pass(message)];
      const remedy = "compare with the overcommitment that you allow, and with CPU ready time in Prism Central";
      return [inconclusive(`${message}: ${rounded(ratio)} vCPUs per core, which depends on their load`, remedy)];
    },
  ),
  prismElementCheck(
    {
      id: "storage-is-available",
      description:
        "the storage containers have space for all disks at full size, and for an update (thin provisioning is inconclusive)",
    },
    async (demand) => {
      const { all, update, prismElement, inventory } = demand;
      const name = `"${prismElement.name}"`;
      const candidates = (await inventory.storageContainers()).filter((one) => one.prismElement === prismElement.uuid);
      const ofDisks = demand.containers.map(async ({ container, ...disks }): Promise<CheckOutcome> => {
        const { one, outcome } = resolveIdentifier({ what: "storage container", identifier: container, candidates });
        if (one === undefined) return inconclusive(`${outcome.message} on ${name}`, outcome.remedy);
        const needs = `disks in ${identifierText(container)} need ${gib(disks.all)}, and ${gib(disks.update)} more for an update`;
        const free = await inventory.freeBytes(one.uuid);
        return storageOutcome(needs, `the storage container "${one.name}"`, { gib: disks.all + disks.update, free });
      });
      const usable = candidates.filter(({ isInternal }) => !isInternal);
      const free = await Promise.all(usable.map(({ uuid }) => inventory.freeBytes(uuid)));
      const most = Math.max(...free.map((one) => one ?? -1));
      const needs = demandText(demand, ({ diskGib }) => `${gib(diskGib)} of disks`);
      const place = `the emptiest storage container of ${name}`;
      const size = { gib: all.diskGib + update.diskGib, free: most < 0 ? undefined : most };
      return [...(await Promise.all(ofDisks)), storageOutcome(needs, place, size)];
    },
  ),
];

/** A check of each Prism Element. */
function prismElementCheck(
  described: Pick<Check, "id" | "description">,
  check: (demand: PrismElementDemand) => Promise<readonly CheckOutcome[]>,
): Check {
  return {
    ...described,
    scope: "stack",
    run: async (context) => {
      const { demands, missing } = await machineDemand(context);
      const outcomes = demands.map((demand) => check(demand).catch((error: unknown) => [inconclusiveBy(error)]));
      return [...(await Promise.all(outcomes)).flat(), ...missing];
    },
  };
}

/** `9 machines of demo need 36 GiB, and 16 GiB more for an update`. */
function demandText({ all, update, clusters }: PrismElementDemand, amount: (capacity: Capacity) => string): string {
  const names = clusters.join(", ");
  if (all.machines === 0) return `an update of ${names} needs ${amount(update)} more`;
  return `${all.machines} machines of ${names} need ${amount(all)}, and ${amount(update)} more for an update`;
}

function sum<T>(values: readonly T[], amount: (value: T) => number): number {
  return values.reduce((total, value) => total + amount(value), 0);
}

/** The hosts of the Prism Element, and the machines that run there. */
async function usageOf({ inventory, prismElement }: PrismElementDemand) {
  const [hosts, machines] = await Promise.all([inventory.hosts(), inventory.virtualMachines()]);
  const isHere = (one: { prismElement: string | undefined }) => one.prismElement === prismElement.uuid;
  return { hosts: hosts.filter(isHere), machines: machines.filter((one) => isHere(one) && one.isOn) };
}

/** Disks are thin: they need nothing at first and at most their size, so only a full container fails. `free` is in bytes. */
function storageOutcome(
  needs: string,
  place: string,
  { gib: size, free }: { gib: number; free: number | undefined },
): CheckOutcome {
  if (free === undefined) {
    return inconclusive(`Prism Central reports no free bytes of ${place}`, "check it in Prism Central under Storage");
  }
  const message = `${needs}; ${place} has ${gib(free / GIB)} free`;
  if (size <= free / GIB) return pass(message);
  return free === 0
    ? fail(message, "free some space: not even the first writes of a machine fit")
    : inconclusive(`${message}: thin disks fit until they are written`, "free some space before they fill up");
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function gib(size: number): string {
  return `${rounded(size)} GiB`;
}
