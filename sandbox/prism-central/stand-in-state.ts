/** What a stand-in Prism Central has, independent of its APIs. */

export interface StandInElement {
  readonly uuid: string;
  readonly name: string;
  /** `PRISM_CENTRAL` is Prism Central's own entry. @default "AOS" */
  readonly service?: "AOS" | "PRISM_CENTRAL";
}

export interface StandInSubnet {
  readonly uuid: string;
  readonly name: string;
  /** @default "VLAN" */
  readonly type?: "VLAN" | "OVERLAY";
  /** UUID of the Prism Element; none for an overlay. */
  readonly cluster?: string;
  readonly network?: { readonly base: string; readonly prefix: number };
  readonly pools?: readonly { readonly from: string; readonly to: string; readonly free: number }[];
  readonly gateway?: string;
  readonly dhcpServer?: string;
}

export interface StandInImage {
  readonly uuid: string;
  readonly name: string;
  readonly bytes: number;
  readonly isBeingDeleted?: boolean;
}

export interface StandInMachine {
  readonly uuid: string;
  readonly name: string;
  readonly cluster: string;
  readonly memoryMib: number;
  /** @default 1 */
  readonly vcpus?: number;
  readonly addresses: readonly string[];
  /** @default true */
  readonly isOn?: boolean;
}

export interface StandInHost {
  readonly uuid: string;
  readonly cluster: string;
  readonly memoryMib: number;
  /** Undefined: not reported. */
  readonly cores?: number;
  /** @default two for each core */
  readonly threads?: number;
}

export interface StandInContainer {
  readonly uuid: string;
  readonly name: string;
  readonly cluster: string;
  /** Undefined: not measured. */
  readonly freeBytes?: number;
  /** @default false */
  readonly isInternal?: boolean;
}

export interface StandInGpu {
  readonly cluster: string;
  readonly name: string;
  readonly deviceId: number;
  readonly inUse: boolean;
  /** @default false */
  readonly isVirtual?: boolean;
}

export interface StandInUser {
  readonly username: string;
  readonly password: string;
  /** Undefined: local to Prism Central, without a policy for it. */
  readonly role?: { readonly name: string; readonly permissions: readonly string[] };
}

export interface StandInState {
  /** Without `pc.`: `2024.3.0.1`. Versions before 2024.3 have no v4 API. */
  readonly version: string;
  readonly users: readonly StandInUser[];
  readonly elements: readonly StandInElement[];
  readonly subnets: readonly StandInSubnet[];
  readonly images: readonly StandInImage[];
  readonly projects: readonly { readonly uuid: string; readonly name: string }[];
  readonly categories: readonly { readonly key: string; readonly value: string }[];
  readonly machines: readonly StandInMachine[];
  readonly hosts: readonly StandInHost[];
  readonly containers: readonly StandInContainer[];
  readonly gpus: readonly StandInGpu[];
}

/** A readable UUID for tests. */
export function standInUuid(kind: number, index: number): string {
  return `${String(kind).padStart(8, "0")}-0000-4000-8000-${String(index).padStart(12, "0")}`;
}
