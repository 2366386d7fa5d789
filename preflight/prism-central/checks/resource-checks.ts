/** Do the machines get what is counted one by one: GPUs, storage containers, addresses? */
import { type MachineGroup, machineGroups } from "../../../manifests/machine-groups.ts";
import type { Gpu, PrismElement } from "../../../prism-central/prism-entities.ts";
import { type Check, type CheckOutcome, fail, inconclusive, pass } from "../../check.ts";
import { isExisting } from "../machine-demand.ts";
import { prismElementOf, subnetReferences } from "../machine-references.ts";
import { resolveIdentifier } from "../resolve-identifier.ts";

type GpuReference = NonNullable<MachineGroup["machine"]["gpus"]>[number];

export const RESOURCE_CHECKS: readonly Check[] = [
  {
    id: "gpus-are-free",
    description: "each Prism Element has enough free GPUs for the workers, and for one more machine",
    scope: "cluster",
    run: async ({ cluster, inventory }) => {
      const demands = new Map<string, { gpu: GpuReference; prismElement: PrismElement; count: number }>();
      for (const { machine, count } of machineGroups(cluster)) {
        if (machine.gpus === undefined) continue;
        const prismElement = (await prismElementOf(machine, inventory)).one;
        if (prismElement === undefined) continue;
        for (const gpu of machine.gpus) {
          const key = `${prismElement.uuid} ${gpuName(gpu)}`;
          const before = demands.get(key)?.count ?? 0;
          demands.set(key, { gpu, prismElement, count: before + count + (count > 0 ? 1 : 0) });
        }
      }
      return Promise.all(
        [...demands.values()].map(async ({ gpu, prismElement: { uuid, name }, count }): Promise<CheckOutcome> => {
          const matches = (await inventory.gpus(uuid)).filter((one) => isSame(gpu, one));
          if (matches.length === 0) {
            return fail(`"${name}" has no GPU ${gpuName(gpu)}`, "set the name or ID that Prism Central shows");
          }
          const free = matches.filter(({ isFree }) => isFree).length;
          const message = `"${name}" has ${free} of ${matches.length} GPUs ${gpuName(gpu)} free; ${count} needed, with one for updates`;
          return free >= count ? pass(message) : fail(message, "free some, or reduce the workers");
        }),
      );
    },
  },
  {
    id: "storage-container-exists",
    description: "each storage container of CSI and of data disks is on the Prism Element of its machines",
    scope: "cluster",
    run: async ({ cluster, inventory }) => {
      const csi = cluster.addons?.csi?.enabled ? cluster.addons.csi.storageContainer : undefined;
      const references = machineGroups(cluster).flatMap(({ machine }) => {
        const ofDisks = (machine.dataDisks ?? []).flatMap(({ storageConfig }) => storageConfig?.storageContainer ?? []);
        const ofCsi = csi === undefined ? [] : [{ type: "name", name: csi } as const];
        return [...ofCsi, ...ofDisks].map((identifier) => ({ machine, identifier }));
      });
      if (references.length === 0) return [];
      const containers = await inventory.storageContainers();
      return Promise.all(
        references.map(async ({ machine, identifier }): Promise<CheckOutcome> => {
          const element = (await prismElementOf(machine, inventory)).one;
          if (element === undefined) return inconclusive("its Prism Element does not exist; see prism-element-exists");
          const candidates = containers.filter(({ prismElement }) => prismElement === element.uuid);
          const { one, outcome } = resolveIdentifier({ what: "storage container", identifier, candidates });
          if (one === undefined) return { ...outcome, message: `${outcome.message} on "${element.name}"` };
          return pass(`storage container "${one.name}" is on "${element.name}"`);
        }),
      );
    },
  },
  {
    id: "subnet-addresses-are-free",
    description: "the pools of each subnet have a free address for every machine, and for one more",
    scope: "cluster",
    run: async (context) => {
      if (await isExisting(context, context.name)) return [];
      const needs = new Map<string, { name: string; free: number; count: number }>();
      for (const { one, group } of await subnetReferences(context.cluster, context.inventory)) {
        if (one?.freeAddresses === undefined) continue;
        const before = needs.get(one.uuid)?.count ?? 1;
        needs.set(one.uuid, { name: one.name, free: one.freeAddresses, count: before + group.count });
      }
      return [...needs.values()].map(({ name, free, count }) => {
        const message = `the pools of "${name}" have ${free} free addresses for ${count}`;
        return free >= count ? pass(message) : fail(message, "extend a pool of the subnet");
      });
    },
  },
];

function isSame(reference: GpuReference, gpu: Gpu): boolean {
  return reference.type === "name" ? gpu.name === reference.name : gpu.deviceId === reference.deviceID;
}

function gpuName(gpu: GpuReference): string {
  return gpu.type === "name" ? `"${gpu.name}"` : `with the ID ${gpu.deviceID}`;
}
