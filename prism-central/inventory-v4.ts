/** The inventory as the v4 API tells it; fields as in Nutanix's published models of its namespaces. */
import { at, integer, list, text } from "../policy/rules/plain-values.ts";
import type { Gpu, Inventory, Subnet, VirtualMachine } from "./inventory.ts";
import { projectsOfV3 } from "./inventory-v3.ts";
import { pagesOfV4 } from "./pagination.ts";
import type { Session } from "./session.ts";

const IN_WORK = "(status eq Prism.Config.TaskStatus'RUNNING' or status eq Prism.Config.TaskStatus'QUEUED')";
const DELETIONS = `${IN_WORK} and operation eq 'kImageDelete'`;

const word = (value: unknown, ...path: string[]) => text(at(value, ...path)) ?? "";

export function inventoryOfV4(session: Session): Inventory {
  const pages = (what: string, path: string) => pagesOfV4(session, what, path);
  return {
    prismElements: async () =>
      (await pages("clusters", "/api/clustermgmt/v4.0/config/clusters")).map((cluster) => ({
        uuid: word(cluster, "extId"),
        name: word(cluster, "name"),
        isPrismElement: list(at(cluster, "config", "clusterFunction")).includes("AOS"),
      })),
    subnets: async () => (await pages("subnets", "/api/networking/v4.0/config/subnets")).map(subnet),
    images: async () =>
      (await pages("images", "/api/vmm/v4.0/content/images")).map((image) => ({
        uuid: word(image, "extId"),
        name: word(image, "name"),
        bytes: integer(at(image, "sizeBytes")),
      })),
    imagesBeingDeleted: async () => {
      const tasks = await pages("tasks", `/api/prism/v4.0/config/tasks?$filter=${encodeURIComponent(DELETIONS)}`);
      const entities = tasks.flatMap((task) => list(at(task, "entitiesAffected")));
      return new Set(entities.map((entity) => word(entity, "extId")));
    },
    projects: () => projectsOfV3(session),
    hasCategory: async (key, value) => {
      const all = await pages("categories", "/api/prism/v4.0/config/categories");
      return all.some((category) => at(category, "key") === key && at(category, "value") === value);
    },
    categoryValues: async (key) => {
      const all = await pages("categories", "/api/prism/v4.0/config/categories");
      return all.filter((category) => at(category, "key") === key).map((category) => word(category, "value"));
    },
    virtualMachines: async () => (await pages("virtual machines", "/api/vmm/v4.0/ahv/config/vms")).map(virtualMachine),
    hosts: async () =>
      (await pages("hosts", "/api/clustermgmt/v4.0/config/hosts")).map((host) => ({
        prismElement: text(at(host, "cluster", "uuid")),
        memoryBytes: integer(at(host, "memorySizeBytes")) ?? 0,
        cores: integer(at(host, "numberOfCpuCores")),
        threads: integer(at(host, "numberOfCpuThreads")),
      })),
    storageContainers: async () =>
      (await pages("storage containers", "/api/clustermgmt/v4.0/config/storage-containers")).map((container) => ({
        uuid: word(container, "containerExtId"),
        name: word(container, "name"),
        prismElement: text(at(container, "clusterExtId")),
        isInternal: at(container, "isInternal") === true,
      })),
    freeBytes: async (storageContainer) => {
      const path = `/api/clustermgmt/v4.0/stats/storage-containers/${storageContainer}?${lately()}`;
      const stats = await session.ask("storage containers", { method: "GET", path });
      return newest(list(at(stats, "data", "storageFreeBytes")));
    },
    gpus: async (prismElement) => {
      const of = `/api/clustermgmt/v4.0/config/clusters/${prismElement}`;
      const [physical, virtual] = await Promise.all([
        pages("GPUs", `${of}/physical-gpu-profiles`),
        pages("GPUs", `${of}/virtual-gpu-profiles`),
      ]);
      return [
        ...physical.map((profile) => gpu(at(profile, "physicalGpuConfig"))),
        ...virtual.map((profile) => gpu(at(profile, "virtualGpuConfig"))),
      ];
    },
  };
}

/** What is told of the numbers, multiplied; one that is not told counts as 1. */
function product(value: unknown, keys: readonly string[]): number {
  return keys.reduce((so, key) => so * (integer(at(value, key)) ?? 1), 1);
}

/** Minutes of measurements that are asked for: Prism Central takes one every few. */
const WINDOW = 10;

function lately(): URLSearchParams {
  const now = Date.now();
  return new URLSearchParams({
    $startTime: new Date(now - WINDOW * 60_000).toISOString(),
    $endTime: new Date(now).toISOString(),
    $statType: "LAST",
  });
}

/** The last of values with times, in whatever order they come. */
function newest(values: readonly unknown[]): number | undefined {
  const times = values.map((one) => Date.parse(text(at(one, "timestamp")) ?? "") || 0);
  return integer(at(values[times.indexOf(Math.max(...times))], "value"));
}

function gpu(config: unknown): Gpu {
  return {
    name: word(config, "deviceName"),
    deviceId: integer(at(config, "deviceId")),
    isFree: at(config, "isInUse") !== true,
  };
}

function subnet(subnet: unknown): Subnet {
  const ipv4 = at(list(at(subnet, "ipConfig"))[0], "ipv4");
  const base = text(at(ipv4, "ipSubnet", "ip", "value"));
  const prefix = integer(at(ipv4, "ipSubnet", "prefixLength"));
  const usage = list(at(subnet, "ipUsage", "ipPoolUsages"));
  const isOverlay = at(subnet, "subnetType") === "OVERLAY";
  const of = [text(at(subnet, "clusterReference")), ...list(at(subnet, "clusterReferenceList")).map(text)];
  return {
    uuid: word(subnet, "extId"),
    name: word(subnet, "name"),
    kind: isOverlay ? "overlay" : "vlan",
    prismElements: [...new Set(of.filter((uuid) => uuid !== undefined))],
    cidr: base === undefined || prefix === undefined ? undefined : `${base}/${prefix}`,
    pools: list(at(ipv4, "poolList")).map((pool) => ({
      from: word(pool, "startIp", "value"),
      to: word(pool, "endIp", "value"),
    })),
    gateway: text(at(ipv4, "defaultGatewayIp", "value")),
    dhcpServer: text(at(ipv4, "dhcpServerAddress", "value")),
    freeAddresses:
      usage.length === 0
        ? undefined
        : usage.reduce<number>((sum, pool) => sum + (integer(at(pool, "numFreeIPs")) ?? 0), 0),
  };
}

function virtualMachine(vm: unknown): VirtualMachine {
  // Versions of the API name the network part of a card differently.
  const networks = list(at(vm, "nics")).flatMap((nic) => [at(nic, "networkInfo"), at(nic, "nicNetworkInfo")]);
  const addresses = networks.flatMap((network) => [
    at(network, "ipv4Config", "ipAddress"),
    ...list(at(network, "ipv4Config", "secondaryIpAddressList")),
    ...list(at(network, "ipv4Info", "learnedIpAddresses")),
  ]);
  return {
    uuid: word(vm, "extId"),
    name: word(vm, "name"),
    addresses: [...new Set(addresses.map((address) => text(at(address, "value"))).filter((one) => one !== undefined))],
    prismElement: text(at(vm, "cluster", "extId")),
    memoryBytes: integer(at(vm, "memorySizeBytes")) ?? 0,
    vcpus: product(vm, ["numSockets", "numCoresPerSocket", "numThreadsPerCore"]),
    isOn: at(vm, "powerState") === "ON",
  };
}
