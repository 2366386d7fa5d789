/** What a Prism Central has, in the same words whichever of its APIs told it. */

export interface PrismElement {
  readonly uuid: string;
  readonly name: string;
  /** False for Prism Central's own entry in the list. */
  readonly isPrismElement: boolean;
}

export interface Range {
  readonly from: string;
  readonly to: string;
}

export interface Subnet {
  readonly uuid: string;
  readonly name: string;
  readonly kind: "vlan" | "overlay";
  /** UUIDs of the Prism Elements that it is on; empty for an overlay subnet, which is on all. */
  readonly prismElements: readonly string[];
  /** Its addresses, where Prism Central manages them: `10.1.1.0/24`. */
  readonly cidr: string | undefined;
  /** Ranges that Prism Central gives addresses out of. */
  readonly pools: readonly Range[];
  readonly gateway: string | undefined;
  readonly dhcpServer: string | undefined;
  /** Addresses of the pools that nobody has; undefined where Prism Central does not count them. */
  readonly freeAddresses: number | undefined;
}

export interface Image {
  readonly uuid: string;
  readonly name: string;
  readonly bytes: number | undefined;
}

export interface Project {
  readonly uuid: string;
  readonly name: string;
}

export interface VirtualMachine {
  readonly uuid: string;
  readonly name: string;
  readonly addresses: readonly string[];
  /** UUID of its Prism Element. */
  readonly prismElement: string | undefined;
  readonly memoryBytes: number;
  readonly vcpus: number;
  readonly isOn: boolean;
}

export interface Host {
  readonly prismElement: string | undefined;
  readonly memoryBytes: number;
  /** Physical cores; undefined where Prism Central does not tell them. */
  readonly cores: number | undefined;
  /** What those cores run at a time; undefined in the v3 API, which does not tell it. */
  readonly threads: number | undefined;
}

export interface StorageContainer {
  readonly uuid: string;
  readonly name: string;
  readonly prismElement: string | undefined;
  /** Nutanix's own: no machine's disk is put there. */
  readonly isInternal: boolean;
}

export interface Gpu {
  readonly name: string;
  readonly deviceId: number | undefined;
  readonly isFree: boolean;
}

/** Every list whole, all its pages; each is read once a session. Every question may throw NotKnown. */
export interface Inventory {
  prismElements(): Promise<readonly PrismElement[]>;
  subnets(): Promise<readonly Subnet[]>;
  images(): Promise<readonly Image[]>;
  /** UUIDs of images that are being deleted. */
  imagesBeingDeleted(): Promise<ReadonlySet<string>>;
  projects(): Promise<readonly Project[]>;
  hasCategory(key: string, value: string): Promise<boolean>;
  /** All values of a category's key; none where there is no such key. */
  categoryValues(key: string): Promise<readonly string[]>;
  virtualMachines(): Promise<readonly VirtualMachine[]>;
  hosts(): Promise<readonly Host[]>;
  storageContainers(): Promise<readonly StorageContainer[]>;
  /** Bytes that can still be written to a storage container, by its UUID; undefined where Prism Central has not measured it. */
  freeBytes(storageContainer: string): Promise<number | undefined>;
  gpus(prismElement: string): Promise<readonly Gpu[]>;
}
