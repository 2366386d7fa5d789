/** Clusters as rules see them, whoever wrote them: a ClusterDeployment of this project's charts, or Cluster API's own objects. */
import { capiClusters } from "./capi.ts";
import { besideConfig, configField, type Field, missingField, specField } from "./field.ts";
import { map, text } from "./plain-values.ts";
import type { PolicyTarget, TargetOptions } from "./rule.ts";

/** The Prism Central that a cluster is made on, and the two objects that CAPX takes as its own. */
export interface PrismCentralFields {
  readonly address: Field;
  readonly port: Field;
  readonly insecure: Field;
  /** Name of the Secret that CAPX owns. */
  readonly secret: Field;
  /** Name of the ConfigMap with the trust bundle. */
  readonly bundle: Field;
  /** The trust bundle itself, where the object holds it. */
  readonly inlineBundle: Field;
  /** Whether the trust bundle is given elsewhere, with the global credentials: then nothing can be said of it here. */
  readonly isGlobal: () => boolean;
}

/** Machines that are made alike. */
export interface MachineGroupFields {
  /** Undefined where an object alone does not say whose machines it describes. */
  readonly role: "controlPlane" | "worker" | undefined;
  readonly count: Field;
  /** What one is made of, in the words of CAPX. */
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
  /** Beginning of the path in faults: `clusters.edge`. */
  readonly at: string;
  readonly name: string;
  readonly namespace: string;
  /** Whether the control plane has machines of its own; undefined where an object alone does not say it. */
  readonly standalone: boolean | undefined;
  readonly endpoint: { readonly host: Field; readonly port: Field };
  readonly central: PrismCentralFields;
  /** Lists of address ranges. */
  readonly networks: { readonly pods: Field; readonly services: Field };
  readonly controlPlaneNumber: Field;
  readonly groups: readonly MachineGroupFields[];
  readonly k0s: { readonly version: Field; readonly config: Field };
  /** Who holds the endpoint, in the words of our charts. */
  readonly balancer: Field;
  /** VRRP router IDs. */
  readonly routers: readonly Field[];
  /** Name of the Credential, or of what stands for it. */
  readonly credential: Field;
  readonly labels: Field;
  readonly options: TargetOptions;
  /** The values of our chart; nothing for Cluster API's own objects. */
  readonly config: Field;
}

const known = new WeakMap<readonly PolicyTarget[], readonly ClusterFields[]>();

/** The Nutanix clusters among the subjects. Read once for each list, however many rules ask. */
export function clustersOf(subjects: readonly PolicyTarget[]): readonly ClusterFields[] {
  const before = known.get(subjects);
  if (before !== undefined) return before;
  const found = [...subjects.flatMap(deployedCluster), ...capiClusters(subjects)];
  known.set(subjects, found);
  return found;
}

/** Whether a subject is an object of that kind and API group; the version is not looked at. */
export function isKind({ object }: PolicyTarget, group: string, kind: string): boolean {
  const { apiVersion, kind: is } = map(object);
  return is === kind && (text(apiVersion)?.startsWith(`${group}/`) ?? false);
}

export const K0RDENT = "k0rdent.mirantis.com";
const CHART = /^nutanix-k0s-(hcp|standalone)(-|$)/;

/** ClusterDeployments of any chart. */
export function deployments(subjects: readonly PolicyTarget[]): PolicyTarget[] {
  return subjects.filter((subject) => isKind(subject, K0RDENT, "ClusterDeployment"));
}

function deployedCluster(subject: PolicyTarget): ClusterFields[] {
  if (!isKind(subject, K0RDENT, "ClusterDeployment")) return [];
  const { metadata } = map(subject.object);
  const name = text(map(metadata)["name"]) ?? "";
  const config = configField(subject, name);
  const mode = modeOf(subject, config);
  if (mode === undefined) return [];
  const standalone = mode === "standalone";
  const central = config.at("nutanix", "prismCentral");
  return [
    {
      at: subject.at,
      name,
      namespace: text(map(metadata)["namespace"]) ?? "default",
      standalone,
      endpoint: {
        host: config.at("nutanix", "controlPlaneEndpoint", "host"),
        port: config.at("nutanix", "controlPlaneEndpoint", "port"),
      },
      central: {
        address: central.at("address"),
        port: central.at("port"),
        insecure: central.at("insecure"),
        secret: central.at("credentialSecretName"),
        bundle: central.at("additionalTrustBundleConfigMapName"),
        inlineBundle: missingField(""),
        isGlobal: () => central.at("usePerClusterCredential").value !== true,
      },
      networks: {
        pods: config.at("clusterNetwork", "pods", "cidrBlocks"),
        services: config.at("clusterNetwork", "services", "cidrBlocks"),
      },
      controlPlaneNumber: config.at("controlPlaneNumber"),
      groups: groupsOf(config, standalone),
      k0s: { version: config.at("k0s", "version"), config: config.at("k0s", "config") },
      balancer: config.at("loadBalancing", "type"),
      routers: [config.at("loadBalancing", "virtualRouterID")],
      credential: besideConfig(subject, name, "credential"),
      labels: besideConfig(subject, name, "labels"),
      options: subject.options ?? {},
      config,
    },
  ];
}

/** The mode by the template's name; where a preview does not know that yet, by what only one of the two charts has. */
function modeOf(subject: PolicyTarget, config: Field): string | undefined {
  const template = readable(() => text(map(map(subject.object)["spec"])["template"]));
  if (template.isKnown) return CHART.exec(template.value ?? "")?.[1];
  if (!config.at("nutanix", "controlPlaneEndpoint").isSet) return undefined;
  return config.at("loadBalancing").isSet || config.at("controlPlane").isSet ? "standalone" : "hcp";
}

function readable<T>(read: () => T): { isKnown: true; value: T } | { isKnown: false } {
  try {
    return { isKnown: true, value: read() };
  } catch {
    return { isKnown: false };
  }
}

/** The machines that the chart's values ask for: a hosted control plane has none. */
function groupsOf(config: Field, standalone: boolean): MachineGroupFields[] {
  const [defaults, worker, own] = [config.at("machineDefaults"), config.at("worker"), config.at("controlPlane")];
  const group = (role: "controlPlane" | "worker", count: Field, from: readonly Field[]) =>
    spread(config, { role, count, machine: cachedMachine((key) => chosen(key, [...from, defaults])) });
  return [
    ...(standalone ? group("controlPlane", config.at("controlPlaneNumber"), [own]) : []),
    ...group("worker", config.at("workersNumber"), [worker]),
    ...config.at("workerPools").entries.flatMap(([, pool]) => group("worker", pool.at("replicas"), [pool, worker])),
  ];
}

/** The first of some places that has the key; the last one's where none has it. */
function chosen(key: MachineKey, from: readonly Field[]): Field {
  const places = from.map((place) => place.at(key));
  return places.find(({ isSet }) => isSet) ?? places.at(-1) ?? missingField(key);
}

/** The same place for the same key, so that it is read once. */
export function cachedMachine(machine: MachineGroupFields["machine"]): MachineGroupFields["machine"] {
  const places = new Map<MachineKey, Field>();
  return (key) => {
    const place = places.get(key) ?? machine(key);
    places.set(key, place);
    return place;
  };
}

/** One group for each failure domain that the machines are spread over; the first one carries their number. */
function spread(config: Field, { role, count, machine }: MachineGroupFields): MachineGroupFields[] {
  const domains = machine("failureDomains").items.flatMap((name) => (name.text === undefined ? [] : [name.text]));
  if (domains.length === 0) return [{ role, count, machine }];
  return domains.map((name, index) => ({
    role,
    count: index === 0 ? count : missingField(""),
    machine: (key) => (key === "subnets" || key === "cluster" ? config.at("failureDomains", name, key) : machine(key)),
  }));
}

/** Facts that a stack states of itself, of one kind. */
export function syntheticFields(subjects: readonly PolicyTarget[], kind: string): Field[] {
  return subjects.filter((subject) => isKind(subject, "k0rdent-nutanix", kind)).map((subject) => specField(subject));
}
