/** Have the Prism Elements memory, cores and storage for all clusters together, and for an update of them? */
import type { Capacity } from "../../../manifests/cluster-capacity.ts";
import { identifierText } from "../../../manifests/cluster-config.ts";
import { answer, type CheckResult, Inconclusive, type StackCheck } from "../../check.ts";
import { type Demand, demands } from "../machine-demand.ts";
import { resolved } from "../resolve.ts";
import { type Described, fail, type Outcome, pass, unknown } from "./cluster-check.ts";

/** A check of each Prism Element that is asked for machines. */
function elementCheck(described: Described, ask: (demand: Demand) => Promise<readonly Outcome[]>): StackCheck {
  const about = answer(described.id);
  const told = ({ found, ...one }: Outcome): CheckResult =>
    one.verdict === "fail" ? about.fail(found, one.remedy) : { ...about.pass(found), ...one };
  const notKnown = (error: unknown): CheckResult[] => {
    if (error instanceof Inconclusive) return [about.unknown(error.message, error.remedy)];
    throw error;
  };
  return {
    ...described,
    scope: "stack",
    run: async (context) => {
      const { of, missing } = await demands(context);
      const findings = await Promise.all(of.map((one) => ask(one).then((outcomes) => outcomes.map(told), notKnown)));
      return [...findings.flat(), ...missing.flatMap(notKnown)];
    },
  };
}

/** `9 machines of demo ask for 36 GiB and an update for 16 GiB on top`. */
function asked({ all, update, clusters }: Demand, amount: (capacity: Capacity) => string): string {
  const whose = clusters.join(", ");
  return all.machines === 0
    ? `an update of ${whose} asks for ${amount(update)} on top`
    : `${all.machines} machines of ${whose} ask for ${amount(all)} and an update for ${amount(update)} on top`;
}

function sum<T>(of: readonly T[], amount: (one: T) => number): number {
  return of.reduce((so, one) => so + amount(one), 0);
}

/** What the Prism Element has: its hosts, and the machines that run there. */
async function running({ inventory, prismElement }: Demand) {
  const [hosts, machines] = await Promise.all([inventory.hosts(), inventory.virtualMachines()]);
  const isHere = (one: { prismElement: string | undefined }) => one.prismElement === prismElement.uuid;
  return { hosts: hosts.filter(isHere), machines: machines.filter((one) => isHere(one) && one.isOn) };
}

export const memoryIsAvailable = elementCheck(
  {
    id: "memory-is-available",
    asks: "have the hosts memory for the whole of all clusters, and for a machine more of each group while it is updated?",
  },
  async (demand) => {
    const { all, update, prismElement } = demand;
    const { hosts, machines } = await running(demand);
    const total = sum(hosts, ({ memoryBytes }) => memoryBytes) / GIB;
    if (total === 0) return [unknown(`Prism Central tells no hosts of "${prismElement.name}"`)];
    const free = total - sum(machines, ({ memoryBytes }) => memoryBytes) / GIB;
    const memory = asked(demand, ({ memoryGib }) => gib(memoryGib));
    const found = `${memory}; "${prismElement.name}" has ${gib(Math.max(0, free))} of ${gib(total)} that no machine has`;
    return [
      all.memoryGib + update.memoryGib <= free
        ? pass(found)
        : fail(found, "ask for fewer or smaller machines, or add hosts; controller VMs and reserves come on top"),
    ];
  },
);

export const vcpusAreAvailable = elementCheck(
  {
    id: "vcpus-are-available",
    asks: "have the hosts a core for each vCPU of all clusters and of an update? Sharing cores is allowed, so more is not known; and has a host threads for the largest machine?",
  },
  async (demand) => {
    const { all, update, largest, prismElement } = demand;
    const name = `"${prismElement.name}"`;
    const { hosts, machines } = await running(demand);
    const cores = sum(hosts, ({ cores = 0 }) => cores);
    if (cores === 0) return [unknown(`Prism Central tells no cores of the hosts of ${name}`)];
    const threads = Math.max(...hosts.map((host) => host.threads ?? Number.POSITIVE_INFINITY));
    if (largest > threads) {
      return [
        fail(
          `a machine asks for ${largest} vCPUs, and no host of ${name} runs more than ${threads} threads`,
          "ask for machines that fit on one host",
        ),
      ];
    }
    const used = sum(machines, ({ vcpus }) => vcpus);
    const found = `${asked(demand, ({ vcpus }) => `${vcpus} vCPUs`)}; ${name} has ${cores} cores, and ${used} vCPUs that run`;
    const each = (used + all.vcpus + update.vcpus) / cores;
    return [
      each <= 1
        ? pass(found)
        : unknown(
            `${found}: ${rounded(each)} vCPUs a core, which hosts may share, and whether that is too many depends on their load`,
            "compare with the ratio that you allow, and with CPU ready time in Prism Central",
          ),
    ];
  },
);

export const storageIsAvailable = elementCheck(
  {
    id: "storage-is-available",
    asks: "have the storage containers room for the disks of all clusters and of an update, if all were full? Disks grow as they are written, so less room is not known",
  },
  async (demand) => {
    const { all, update, named, prismElement, inventory } = demand;
    const containers = (await inventory.storageContainers()).filter((one) => one.prismElement === prismElement.uuid);
    const ofNamed = named.map(async ({ container, ...disks }): Promise<Outcome> => {
      const { one, found, remedy } = resolved({ what: "storage container", identifier: container, among: containers });
      if (one === undefined) return unknown(`${found} on "${prismElement.name}"`, remedy);
      const place = `the storage container "${one.name}"`;
      const text = `disks in ${identifierText(container)} hold ${gib(disks.all)} when full, and an update's ${gib(disks.update)}`;
      return roomFor(text, { place, gib: disks.all + disks.update, free: await inventory.freeBytes(one.uuid) });
    });
    const open = containers.filter(({ isInternal }) => !isInternal);
    const free = await Promise.all(open.map(({ uuid }) => inventory.freeBytes(uuid)));
    const most = Math.max(...free.map((one) => one ?? -1));
    const place = `the freest storage container of "${prismElement.name}"`;
    const disks = asked(demand, ({ diskGib }) => `${gib(diskGib)} of disks`);
    const whole = roomFor(disks, {
      place,
      gib: all.diskGib + update.diskGib,
      free: most < 0 ? undefined : most,
    });
    return [...(await Promise.all(ofNamed)), whole];
  },
);

interface Room {
  readonly place: string;
  /** GiB that are asked for. */
  readonly gib: number;
  /** Bytes; undefined: not measured. */
  readonly free: number | undefined;
}

/** Disks are thin: they need nothing at first and at most their size, so only a container that is full fails. */
function roomFor(disks: string, { place, gib: wanted, free }: Room): Outcome {
  if (free === undefined) return unknown(`Prism Central tells no free bytes of ${place}`, "look there under Storage");
  const found = `${disks}; ${place} has ${gib(free / GIB)} free`;
  if (wanted <= free / GIB) return pass(found);
  return free === 0
    ? fail(found, "make room in it: not even what machines write first fits")
    : unknown(`${found}: disks take what is written to them, and so may fit for a while`, "make room before they fill");
}

const GIB = 2 ** 30;

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function gib(size: number): string {
  return `${rounded(size)} GiB`;
}
