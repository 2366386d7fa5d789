/** Is there what the machines are given beside room: GPUs, storage containers, addresses? */
import { type MachineGroup, machineGroups } from "../../../manifests/machine-groups.ts";
import type { Gpu, PrismElement } from "../../../prism-central/inventory.ts";
import { isExisting } from "../machine-demand.ts";
import { prismElementOf, subnetOf } from "../machine-groups.ts";
import { resolved } from "../resolve.ts";
import { clusterCheck, fail, type Outcome, pass, unknown } from "./cluster-check.ts";

type WantedGpu = NonNullable<MachineGroup["machine"]["gpus"]>[number];

export const gpusAreFree = clusterCheck(
  {
    id: "gpus-are-free",
    asks: "has each Prism Element as many free GPUs as the workers ask for, and one machine more?",
  },
  async ({ cluster }, inventory) => {
    const wanted = machineGroups(cluster).flatMap((group) =>
      (group.machine.gpus ?? []).map((gpu) => ({ gpu, group, key: gpuName(gpu) })),
    );
    if (wanted.length === 0) return [];
    const all = await inventory();
    const counts = new Map<string, { gpu: WantedGpu; prismElement: PrismElement; count: number }>();
    for (const { gpu, group, key } of wanted) {
      const prismElement = (await prismElementOf(group.machine, all)).one;
      if (prismElement === undefined) continue;
      const at = `${prismElement.uuid} ${key}`;
      const count = (counts.get(at)?.count ?? 0) + group.count + (group.count > 0 ? 1 : 0);
      counts.set(at, { gpu, prismElement, count });
    }
    return Promise.all(
      [...counts.values()].map(async ({ gpu, prismElement, count }): Promise<Outcome> => {
        const there = (await all.gpus(prismElement.uuid)).filter((one) => isMeant(gpu, one));
        const free = there.filter(({ isFree }) => isFree).length;
        const text = `"${prismElement.name}" has ${there.length} GPUs ${gpuName(gpu)}, ${free} of them free`;
        if (there.length === 0)
          return fail(
            `"${prismElement.name}" has no GPU ${gpuName(gpu)}`,
            "write the name or ID that Prism Central shows",
          );
        return free >= count
          ? pass(`${text}; ${count} are asked for with one for updates`)
          : fail(`${text}; ${count} are asked for with one for updates`, "free some, or ask for fewer workers");
      }),
    );
  },
);

function isMeant(wanted: WantedGpu, gpu: Gpu): boolean {
  return wanted.type === "name" ? gpu.name === wanted.name : gpu.deviceId === wanted.deviceID;
}

function gpuName(gpu: WantedGpu): string {
  return gpu.type === "name" ? `"${gpu.name}"` : `with the ID ${gpu.deviceID}`;
}

export const storageContainerExists = clusterCheck(
  {
    id: "storage-container-exists",
    asks: "is each storage container that CSI or a data disk names on the Prism Element of its machines?",
  },
  async ({ cluster }, inventory) => {
    const csi = cluster.addons?.csi;
    const ofCsi = csi?.enabled ? csi.storageContainer : undefined;
    const wanted = machineGroups(cluster).flatMap(({ machine }) => [
      ...(ofCsi === undefined ? [] : [{ machine, identifier: { type: "name", name: ofCsi } as const }]),
      ...(machine.dataDisks ?? []).flatMap(({ storageConfig }) =>
        storageConfig?.storageContainer === undefined ? [] : [{ machine, identifier: storageConfig.storageContainer }],
      ),
    ]);
    if (wanted.length === 0) return [];
    const all = await inventory();
    const containers = await all.storageContainers();
    return Promise.all(
      wanted.map(async ({ machine, identifier }): Promise<Outcome> => {
        const element = (await prismElementOf(machine, all)).one;
        if (element === undefined) return unknown("not asked: its Prism Element is not known");
        const among = containers.filter(({ prismElement }) => prismElement === element.uuid);
        const { one, found, remedy } = resolved({ what: "storage container", identifier, among });
        return one === undefined
          ? fail(`${found} on "${element.name}"`, remedy)
          : pass(`storage container "${one.name}" is on "${element.name}"`);
      }),
    );
  },
);

export const subnetAddressesAreFree = clusterCheck(
  {
    id: "subnet-addresses-are-free",
    asks: "do the pools of each subnet hold an address for every machine, and one for an update?",
  },
  async (context, inventory) => {
    if (await isExisting(context, context.name)) return [];
    const all = await inventory();
    const counts = new Map<string, { free: number; count: number; name: string }>();
    for (const { machine, count } of machineGroups(context.cluster)) {
      const prismElement = (await prismElementOf(machine, all)).one;
      for (const identifier of machine.subnets) {
        const subnet = (await subnetOf(identifier, prismElement, all)).one;
        if (subnet?.freeAddresses === undefined) continue;
        const before = counts.get(subnet.uuid)?.count ?? 1;
        counts.set(subnet.uuid, { free: subnet.freeAddresses, count: before + count, name: subnet.name });
      }
    }
    return [...counts.values()].map(({ free, count, name }) =>
      free >= count
        ? pass(`the pools of "${name}" have ${free} free addresses for ${count}`)
        : fail(`the pools of "${name}" have ${free} free addresses for ${count}`, "widen a pool of the subnet"),
    );
  },
);
