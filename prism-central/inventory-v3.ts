/** The inventory as the v3 API tells it, for a Prism Central that has no v4; fields as prism-go-client reads them. */
import { at, integer, list, text } from "../policy/rules/plain-values.ts";
import { Inconclusive } from "../preflight/check.ts";
import type { Gpu, Inventory, Project, Subnet, VirtualMachine } from "./inventory.ts";
import { pagesOfV3 } from "./pagination.ts";
import type { Session } from "./session.ts";

const MIB = 2 ** 20;
const word = (value: unknown, ...path: string[]) => text(at(value, ...path)) ?? "";
const uuidOf = (entity: unknown) => word(entity, "metadata", "uuid");

/** Projects, which CAPX reads by the v3 API whatever the version. */
export async function projectsOfV3(session: Session): Promise<Project[]> {
  const projects = await pagesOfV3(session, "projects", "project");
  return projects.map((project) => ({
    uuid: uuidOf(project),
    name: text(at(project, "spec", "name")) ?? word(project, "status", "name"),
  }));
}

export function inventoryOfV3(session: Session): Inventory {
  const images = () => pagesOfV3(session, "images", "image");
  const hosts = () => pagesOfV3(session, "hosts", "host");
  return {
    prismElements: async () =>
      (await pagesOfV3(session, "clusters", "cluster")).map((cluster) => ({
        uuid: uuidOf(cluster),
        name: word(cluster, "status", "name"),
        isPrismElement: list(at(cluster, "status", "resources", "config", "service_list")).includes("AOS"),
      })),
    subnets: async () => (await pagesOfV3(session, "subnets", "subnet")).map(subnet),
    images: async () =>
      (await images()).map((image) => ({
        uuid: uuidOf(image),
        name: word(image, "status", "name"),
        bytes: integer(at(image, "status", "resources", "size_bytes")),
      })),
    imagesBeingDeleted: async () =>
      new Set((await images()).filter((image) => at(image, "status", "state") === "DELETE_PENDING").map(uuidOf)),
    projects: () => projectsOfV3(session),
    hasCategory: async (key, value) => {
      const path = `/api/nutanix/v3/categories/${encodeURIComponent(key)}/${encodeURIComponent(value)}`;
      return (await session.ask("categories", { method: "GET", path })) !== undefined;
    },
    categoryValues: async (key) => {
      const path = `/api/nutanix/v3/categories/${encodeURIComponent(key)}/list`;
      const answer = await session.ask("categories", { method: "POST", path, body: { kind: "category", length: 500 } });
      return list(at(answer, "entities")).map((value) => word(value, "value"));
    },
    virtualMachines: async () => (await pagesOfV3(session, "virtual machines", "vm")).map(virtualMachine),
    hosts: async () =>
      (await hosts()).map((host) => ({
        prismElement: text(at(host, "status", "cluster_reference", "uuid")),
        memoryBytes: (integer(at(host, "status", "resources", "memory_capacity_mib")) ?? 0) * MIB,
        cores: integer(at(host, "status", "resources", "num_cpu_cores")),
        threads: undefined,
      })),
    storageContainers: async () => {
      throw new Inconclusive("the v3 API does not tell storage containers", "look in Prism Central under Storage");
    },
    freeBytes: async () => undefined,
    gpus: async (prismElement) =>
      (await hosts())
        .filter((host) => at(host, "status", "cluster_reference", "uuid") === prismElement)
        .flatMap((host) => list(at(host, "status", "resources", "gpu_list")).map(gpu)),
  };
}

function gpu(gpu: unknown): Gpu {
  return {
    name: word(gpu, "name"),
    deviceId: integer(at(gpu, "device_id")),
    isFree: at(gpu, "status") === "UNUSED",
  };
}

function subnet(subnet: unknown): Subnet {
  const resources = at(subnet, "status", "resources");
  const ip = at(resources, "ip_config");
  const base = text(at(ip, "subnet_ip"));
  const prefix = integer(at(ip, "prefix_length"));
  const usage = list(at(resources, "ip_usage_stats", "ip_pools_stats"));
  const on = text(at(subnet, "status", "cluster_reference", "uuid"));
  return {
    uuid: uuidOf(subnet),
    name: word(subnet, "status", "name"),
    kind: at(resources, "subnet_type") === "OVERLAY" ? "overlay" : "vlan",
    prismElements: on === undefined ? [] : [on],
    cidr: base === undefined || prefix === undefined ? undefined : `${base}/${prefix}`,
    pools: list(at(ip, "pool_list")).map((pool) => {
      const [from = "", to = from] = word(pool, "range").split(" ");
      return { from, to };
    }),
    gateway: text(at(ip, "default_gateway_ip")),
    dhcpServer: text(at(ip, "dhcp_server_address", "ip")),
    freeAddresses:
      usage.length === 0
        ? undefined
        : usage.reduce<number>((sum, pool) => sum + (integer(at(pool, "num_free_ips")) ?? 0), 0),
  };
}

function virtualMachine(vm: unknown): VirtualMachine {
  const resources = at(vm, "status", "resources");
  const endpoints = list(at(resources, "nic_list")).flatMap((nic) => list(at(nic, "ip_endpoint_list")));
  return {
    uuid: uuidOf(vm),
    name: word(vm, "status", "name"),
    addresses: endpoints.map((endpoint) => text(at(endpoint, "ip"))).filter((ip) => ip !== undefined),
    prismElement: text(at(vm, "status", "cluster_reference", "uuid")),
    memoryBytes: (integer(at(resources, "memory_size_mib")) ?? 0) * MIB,
    vcpus: (integer(at(resources, "num_sockets")) ?? 1) * (integer(at(resources, "num_vcpus_per_socket")) ?? 1),
    isOn: at(resources, "power_state") === "ON",
  };
}
