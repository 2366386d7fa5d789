import ipaddr from "ipaddr.js";
import { withoutNullFields } from "../policy/rules/k0s-field-types.ts";
import { CLUSTER_CONFIG } from "../policy/rules/k0s-fields.ts";
import { isMap } from "../policy/rules/plain-values.ts";
import { compareMinors, FIRST_K0S_WITH_CPLB, minorOf } from "../policy/rules/versions.ts";
import type { Cluster } from "../schema/cluster.ts";
import type { Category, MachineOverrides } from "../schema/machine.ts";
import type { Identifier } from "../schema/primitives.ts";
import type { PrismCentral, TrustBundleSource } from "../schema/prism-central-settings.ts";
import type { AddonLogins } from "./credential.ts";
import { clusterNames, vrrpPassword } from "./names.ts";
import type { ServiceContext } from "./services.ts";

export type Config = Readonly<Record<string, unknown>>;
type Standalone = Extract<Cluster, { mode: "standalone" }>;

/** What surrounds a cluster in its stack. */
export interface ClusterContext {
  readonly name: string;
  /** Prism Central of clusters that name none of their own. */
  readonly prismCentral: PrismCentral;
  /** PEM text that the cluster's addons check Prism Central's certificate with. */
  readonly caCertificates?: string | undefined;
  /** @default the default kcm, and no service templates */
  readonly services?: ServiceContext;
}

/** `ClusterDeployment.spec.config`: the values of the cluster's chart, in one spelling, with `values` merged last. */
export function clusterConfig(cluster: Cluster, context: ClusterContext): Config {
  const config: Config = compact({
    clusterLabels: cluster.labels,
    nutanix: {
      prismCentral: prismCentralValues(cluster, context),
      controlPlaneEndpoint: cluster.nutanix.controlPlaneEndpoint,
    },
    machineDefaults: machine(cluster.machineDefaults),
    controlPlane: cluster.mode === "standalone" ? machine(cluster.controlPlane) : undefined,
    worker: machine(cluster.worker),
    workerPools: mapped(cluster.workerPools, machine),
    failureDomains: cluster.failureDomains,
    k0s: compact(cluster.k0s),
    clusterNetwork: cluster.clusterNetwork,
    ssh: cluster.ssh,
    proxy: cluster.proxy,
    addons: addons(cluster, context.caCertificates),
    loadBalancing: cluster.mode === "standalone" ? loadBalancing(cluster, context.name) : undefined,
    etcd: cluster.mode === "hcp" ? cluster.etcd : undefined,
    encryptionAtRest: cluster.encryptionAtRest
      ? { secretName: clusterNames(context.name).encryptionAtRest }
      : undefined,
    clusterClass: cluster.clusterClass || undefined,
    controlPlaneNumber: cluster.controlPlaneNumber,
    workersNumber: cluster.workersNumber,
  });
  return withoutK0sNulls(merge(config, cluster.values ?? {}));
}

/** The templates of the charts fail at a null that k0s takes. */
function withoutK0sNulls(config: Config): Config {
  const { k0s } = config;
  if (!isMap(k0s) || !isMap(k0s["config"])) return config;
  return { ...config, k0s: { ...k0s, config: withoutNullFields(k0s["config"], CLUSTER_CONFIG) } };
}

/** Whether the cluster logs in with a credential of its own. */
export function hasOwnCredential(cluster: Cluster): boolean {
  return cluster.nutanix.prismCentral?.usePerClusterCredential ?? false;
}

/** Prism Central that the cluster's machines are made on. */
export function prismCentralOf(
  cluster: Cluster,
  global: PrismCentral,
): { address: string; port: number; insecure: boolean } {
  const { address, port, insecure } = cluster.nutanix.prismCentral ?? global;
  return { address, port, insecure };
}

/** Names of the objects that CAPX takes as its own, and deletes with the cluster: a ConfigMap only where the stack file names it. */
export function capxObjects(cluster: Cluster, name: string): { secret: string; trustBundle: string | undefined } {
  const { prismCentral } = cluster.nutanix;
  return {
    secret: prismCentral?.credentialSecretName ?? clusterNames(name).capxCredentials,
    trustBundle: prismCentral?.additionalTrustBundleConfigMapName,
  };
}

/**
 * The trust bundle that goes with the cluster's own credential: its own, else the stack's where both name one Prism Central.
 * With global credentials there is none but the stack's.
 */
export function trustBundleOf(cluster: Cluster, global: PrismCentral): TrustBundleSource | undefined {
  if (!hasOwnCredential(cluster)) return undefined;
  const own = cluster.nutanix.prismCentral;
  return own?.trustBundle ?? (own?.address === global.address ? global.trustBundle : undefined);
}

function prismCentralValues(cluster: Cluster, { name, prismCentral }: ClusterContext): Config {
  const own = hasOwnCredential(cluster);
  const objects = capxObjects(cluster, name);
  return compact({
    ...prismCentralOf(cluster, prismCentral),
    usePerClusterCredential: own,
    credentialSecretName: own ? objects.secret : undefined,
    additionalTrustBundleConfigMapName: own ? objects.trustBundle : undefined,
  });
}

function machine(overrides: MachineOverrides | undefined): Config | undefined {
  if (overrides === undefined) return undefined;
  return compact({
    ...overrides,
    project: projectOf(overrides),
    additionalCategories: overrides.additionalCategories?.map(categoryOf),
  });
}

function mapped<T>(map: Readonly<Record<string, T>> | undefined, change: (value: T) => unknown): Config | undefined {
  return map && Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]));
}

/** The project of machines; a text is its name. */
export function projectOf({ project }: MachineOverrides): Identifier | undefined {
  return typeof project === "string" ? { type: "name", name: project } : project;
}

/** A category; a text is `key:value`. */
export function categoryOf(category: Category): { key: string; value: string } {
  if (typeof category !== "string") return category;
  const colon = category.indexOf(":");
  return { key: category.slice(0, colon), value: category.slice(colon + 1) };
}

/** The charts of Nutanix that the cluster asks for; the CSI driver's storage class is written beside its login, not by the chart. */
function addons({ addons }: Cluster, trustBundle: string | undefined): Config | undefined {
  if (addons === undefined) return undefined;
  const { storageContainer: _, ...csi } = addons.csi ?? { enabled: false };
  return compact({
    ccm: addons.ccm && compact({ ...addons.ccm, trustBundle: addons.ccm.enabled ? trustBundle : undefined }),
    csi: addons.csi && csi,
  });
}

/** What of the cluster logs in to Prism Central. */
export function addonLogins(cluster: Cluster, global: PrismCentral): AddonLogins {
  const { ccm, csi } = cluster.addons ?? {};
  const { address, port } = prismCentralOf(cluster, global);
  return {
    ccm: ccm?.enabled ?? false,
    csi: csi?.enabled ? { address, port, storageContainer: csi.storageContainer } : undefined,
  };
}

/** What holds the endpoint of a standalone cluster: k0s's own balancer where k0s has one, kube-vip below. */
export function loadBalancing(cluster: Standalone, name: string): Config {
  const chosen = cluster.loadBalancing;
  const hasCplb = compareMinors(minorOf(cluster.k0s.version), FIRST_K0S_WITH_CPLB) >= 0;
  const type = chosen?.type ?? (hasCplb ? "cplb" : "kube-vip");
  if (type !== "cplb") return { type };
  return {
    type,
    virtualRouterID: chosen?.virtualRouterID ?? routerId(cluster.nutanix.controlPlaneEndpoint.host),
    prefixLength: chosen?.prefixLength ?? 32,
    authPass: vrrpPassword(name),
  };
}

/** The last byte of the address: two endpoints of one /24 never share it. 51, keepalived's own default, for names and for 0. */
function routerId(host: string): number {
  const last = ipaddr.IPv4.isValidFourPartDecimal(host) ? Number(host.split(".")[3]) : 0;
  return last === 0 ? 51 : last;
}

/** How the cluster names an image, a Prism Element or a subnet, for people. */
export function identifierText(identifier: Identifier): string {
  return identifier.type === "name" ? identifier.name : identifier.uuid;
}

function compact(object: Readonly<Record<string, unknown>>): Config {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** Deep merge of plain data: maps by key, everything else replaced. */
export function merge(base: Config, over: Config): Config {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isMap(below) && isMap(value) ? merge(below, value) : value;
  }
  return merged;
}
