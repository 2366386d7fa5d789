/** Is there room for the machines: GPUs, storage, addresses, memory? */
import { type MachineGroup, machineGroups } from "../../../manifests/machine-groups.ts";
import { bytes } from "../../../policy/rules/plain.ts";
import type { Cluster } from "../../../schema/cluster.ts";
import { answer, type Context, type Finding, NotKnown, type StackCheck } from "../../check.ts";
import { prismElementOf, subnetOf } from "../groups.ts";
import type { Gpu, Inventory, PrismElement } from "../inventory.ts";
import { resolved } from "../resolve.ts";
import { clusterCheck, fail, type Outcome, pass, unknown } from "./one.ts";

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

export const addressesAreFree = clusterCheck(
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

/** False where the management cluster cannot be asked: what a new cluster needs is then told, which is the careful side. */
async function isExisting({ existing }: Pick<Context, "existing">, name: string): Promise<boolean> {
  return (await existing().catch(() => new Set<string>())).has(name);
}

export const capacityIsThere: StackCheck = {
  id: "capacity-is-there",
  asks: "have the hosts memory for the whole of all clusters, and for a machine more of each group while it is updated?",
  scope: "stack",
  run: async (context) => {
    const wanted = new Map<string, Wanted>();
    const missing: Finding[] = [];
    const about = answer("capacity-is-there");
    for (const name of context.clusters) {
      const cluster = context.stack.clusters[name];
      if (cluster === undefined) continue;
      const { session, inventory } = context.prismCentrals.of(name);
      try {
        const isNew = !(await isExisting(context, name));
        await addUp(wanted, { name, cluster, isNew, place: session.place, inventory: await inventory() });
      } catch (error) {
        if (!(error instanceof NotKnown)) throw error;
        missing.push(about.unknown(error.message, error.remedy));
      }
    }
    const told = await Promise.all(
      [...wanted.values()].map((one) =>
        capacityOf(one, about).catch((error: unknown) => {
          if (error instanceof NotKnown) return about.unknown(error.message, error.remedy);
          throw error;
        }),
      ),
    );
    return [...told, ...new Map(missing.map((one) => [one.found, one])).values()];
  },
};

interface Wanted {
  readonly prismElement: PrismElement;
  readonly inventory: Inventory;
  readonly clusters: Set<string>;
  machines: number;
  memory: number;
  surge: number;
}

interface Share {
  readonly name: string;
  readonly cluster: Cluster;
  readonly isNew: boolean;
  readonly place: string;
  readonly inventory: Inventory;
}

/** What a cluster asks of each Prism Element; of one that is there already, only what an update needs on top. */
async function addUp(wanted: Map<string, Wanted>, { name, cluster, isNew, place, inventory }: Share): Promise<void> {
  for (const { machine, count } of machineGroups(cluster)) {
    const prismElement = (await prismElementOf(machine, inventory)).one;
    if (prismElement === undefined || count === 0) continue;
    const key = `${place} ${prismElement.uuid}`;
    const known = wanted.get(key) ?? { prismElement, inventory, clusters: new Set(), machines: 0, memory: 0, surge: 0 };
    const one = bytes(machine.memorySize) ?? 0;
    known.clusters.add(name);
    known.machines += isNew ? count : 0;
    known.memory += isNew ? count * one : 0;
    known.surge += one;
    wanted.set(key, known);
  }
}

async function capacityOf(wanted: Wanted, about: ReturnType<typeof answer>): Promise<Finding> {
  const { prismElement, inventory, clusters, machines, memory, surge } = wanted;
  const [hosts, virtualMachines] = await Promise.all([inventory.hosts(), inventory.virtualMachines()]);
  const isHere = (one: { prismElement: string | undefined }) => one.prismElement === prismElement.uuid;
  const total = hosts.filter(isHere).reduce((sum, host) => sum + host.memoryBytes, 0);
  if (total === 0) return about.unknown(`Prism Central tells no hosts of "${prismElement.name}"`);
  const used = virtualMachines.filter((one) => isHere(one) && one.isOn).reduce((sum, one) => sum + one.memoryBytes, 0);
  const whose = [...clusters].join(", ");
  const asked =
    machines === 0
      ? `an update of ${whose} asks for ${gib(surge)} on top`
      : `${machines} machines of ${whose} ask for ${gib(memory)} and an update for ${gib(surge)} on top`;
  const found = `${asked}; "${prismElement.name}" has ${gib(Math.max(0, total - used))} of ${gib(total)} that no machine has`;
  return memory + surge <= total - used
    ? about.pass(found)
    : about.fail(found, "ask for fewer or smaller machines, or add hosts; controller VMs and reserves come on top");
}

function gib(size: number): string {
  return `${Math.round((size / 2 ** 30) * 10) / 10} GiB`;
}
