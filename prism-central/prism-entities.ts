/** What a Prism Central has. Fields of the v4 API as in Nutanix's published models of its namespaces. */
import { at, integer, list, text } from "./answer.ts";

export interface NamedEntity {
  readonly uuid: string;
  readonly name: string;
}

export interface PrismElement extends NamedEntity {
  /** False for Prism Central's own entry in the list. */
  readonly isPrismElement: boolean;
}

export interface IpRange {
  readonly from: string;
  readonly to: string;
}

export interface Subnet extends NamedEntity {
  readonly kind: "vlan" | "overlay";
  /** UUIDs of its Prism Elements; empty for an overlay subnet, which is on all. */
  readonly prismElements: readonly string[];
  /** Its addresses, where Prism Central manages them: `10.1.1.0/24`. */
  readonly cidr: string | undefined;
  /** Ranges that Prism Central assigns addresses from. */
  readonly pools: readonly IpRange[];
  readonly gateway: string | undefined;
  readonly dhcpServer: string | undefined;
  /** Free addresses of the pools; undefined where Prism Central does not count them. */
  readonly freeAddresses: number | undefined;
}

export interface Image extends NamedEntity {
  readonly bytes: number | undefined;
}

export interface VirtualMachine extends NamedEntity {
  readonly addresses: readonly string[];
  /** UUID of its Prism Element. */
  readonly prismElement: string | undefined;
  readonly memoryBytes: number;
  readonly vcpus: number;
  readonly isOn: boolean;
}

export interface PrismHost {
  readonly prismElement: string | undefined;
  readonly memoryBytes: number;
  /** Physical cores; undefined where Prism Central does not report them. */
  readonly cores: number | undefined;
  readonly threads: number | undefined;
}

export interface StorageContainer extends NamedEntity {
  readonly prismElement: string | undefined;
  /** Nutanix's own: no disk of a machine is placed there. */
  readonly isInternal: boolean;
}

export interface Gpu {
  readonly name: string;
  readonly deviceId: number | undefined;
  readonly isFree: boolean;
}

export const string = (value: unknown, ...path: string[]) => text(at(value, ...path)) ?? "";
export const toEntity = (value: unknown): NamedEntity => ({
  uuid: string(value, "extId"),
  name: string(value, "name"),
});

export function toGpu(config: unknown): Gpu {
  return {
    name: string(config, "deviceName"),
    deviceId: integer(at(config, "deviceId")),
    isFree: at(config, "isInUse") !== true,
  };
}

export function toSubnet(subnet: unknown): Subnet {
  const ipv4 = at(list(at(subnet, "ipConfig"))[0], "ipv4");
  const base = text(at(ipv4, "ipSubnet", "ip", "value"));
  const prefix = integer(at(ipv4, "ipSubnet", "prefixLength"));
  const usages = list(at(subnet, "ipUsage", "ipPoolUsages")).map((usage) => integer(at(usage, "numFreeIPs")) ?? 0);
  const elements = [text(at(subnet, "clusterReference")), ...list(at(subnet, "clusterReferenceList")).map(text)];
  return {
    ...toEntity(subnet),
    kind: at(subnet, "subnetType") === "OVERLAY" ? "overlay" : "vlan",
    prismElements: [...new Set(elements.filter((uuid) => uuid !== undefined))],
    cidr: base === undefined || prefix === undefined ? undefined : `${base}/${prefix}`,
    pools: list(at(ipv4, "poolList")).map((pool) => ({
      from: string(pool, "startIp", "value"),
      to: string(pool, "endIp", "value"),
    })),
    gateway: text(at(ipv4, "defaultGatewayIp", "value")),
    dhcpServer: text(at(ipv4, "dhcpServerAddress", "value")),
    freeAddresses: usages.length === 0 ? undefined : usages.reduce((sum, free) => sum + free, 0),
  };
}

export function toVirtualMachine(vm: unknown): VirtualMachine {
  // Versions of the API name the network part of a NIC differently.
  const networks = list(at(vm, "nics")).flatMap((nic) => [at(nic, "networkInfo"), at(nic, "nicNetworkInfo")]);
  const addresses = networks.flatMap((network) => [
    at(network, "ipv4Config", "ipAddress"),
    ...list(at(network, "ipv4Config", "secondaryIpAddressList")),
    ...list(at(network, "ipv4Info", "learnedIpAddresses")),
  ]);
  const counts = ["numSockets", "numCoresPerSocket", "numThreadsPerCore"].map((key) => integer(at(vm, key)) ?? 1);
  return {
    ...toEntity(vm),
    addresses: [...new Set(addresses.map((address) => text(at(address, "value"))).filter((one) => one !== undefined))],
    prismElement: text(at(vm, "cluster", "extId")),
    memoryBytes: integer(at(vm, "memorySizeBytes")) ?? 0,
    vcpus: counts.reduce((product, count) => product * count, 1),
    isOn: at(vm, "powerState") === "ON",
  };
}
