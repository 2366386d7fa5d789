/** The fields of a cluster that rules read, from a ClusterDeployment of this project's charts or from Cluster API objects. */
import type { Field } from "./field.ts";
import type { TargetOptions } from "./rule.ts";

export interface PrismCentralFields {
  readonly address: Field;
  readonly port: Field;
  readonly insecure: Field;
  /** Name of the Secret that CAPX owns. */
  readonly secret: Field;
  /** Name of the ConfigMap with the trust bundle, which CAPX owns. */
  readonly bundle: Field;
  /** The trust bundle itself, if it is inline. */
  readonly inlineBundle: Field;
  /** Whether the cluster uses the global credentials, and with them their trust bundle. */
  readonly isGlobal: () => boolean;
}

/** Machines of one template. */
export interface MachineGroupFields {
  /** Undefined if no object refers to the template. */
  readonly role: "controlPlane" | "worker" | undefined;
  readonly count: Field;
  /** A field of the machine, by its CAPX name. */
  readonly machine: (key: MachineKey) => Field;
}

export type MachineKey =
  | "vcpusPerSocket"
  | "vcpuSockets"
  | "memorySize"
  | "systemDiskSize"
  | "subnets"
  | "additionalCategories"
  | "gpus"
  | "dataDisks"
  | "image"
  | "imageLookup"
  | "cluster"
  | "bootType"
  | "project"
  | "failureDomains";

export interface ClusterFields {
  /** Start of the path in violations: `clusters.edge`. */
  readonly at: string;
  readonly name: string;
  readonly namespace: string;
  /** Whether the control plane runs on machines of its own; undefined if unknown. */
  readonly standalone: boolean | undefined;
  readonly endpoint: { readonly host: Field; readonly port: Field };
  readonly prismCentral: PrismCentralFields;
  /** Lists of CIDR blocks. */
  readonly networks: { readonly pods: Field; readonly services: Field };
  readonly controlPlaneNumber: Field;
  readonly groups: readonly MachineGroupFields[];
  readonly k0s: { readonly version: Field; readonly config: Field };
  /** Type of the control plane load balancer, as in this project's charts. */
  readonly loadBalancer: Field;
  /** VRRP router IDs. */
  readonly routers: readonly Field[];
  /** Name of the Credential, or of the Secret in its place. */
  readonly credential: Field;
  readonly labels: Field;
  readonly options: TargetOptions;
  /** The values of this project's chart; not set for Cluster API objects. */
  readonly config: Field;
}

/** Machines of the control plane, if the cluster has any. */
export function controlPlaneGroups({ groups }: ClusterFields): MachineGroupFields[] {
  return groups.filter(({ role }) => role === "controlPlane");
}
