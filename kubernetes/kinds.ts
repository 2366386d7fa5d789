/** The kinds that are read here, and the API paths of any kind. */
import type { KindReference, ObjectReference } from "./object.ts";

const K0RDENT = ["k0rdent.mirantis.com/v1beta1"];
const CLUSTER_API = ["cluster.x-k8s.io/v1beta2", "cluster.x-k8s.io/v1beta1"];
const CONTROL_PLANE = ["controlplane.cluster.x-k8s.io/v1beta2", "controlplane.cluster.x-k8s.io/v1beta1"];
const INFRASTRUCTURE = ["infrastructure.cluster.x-k8s.io/v1beta1"];

/** API versions of each kind, newest first: which of them a server has depends on its release. */
const NAMESPACED = {
  ClusterDeployment: K0RDENT,
  ClusterTemplate: K0RDENT,
  ClusterTemplateChain: K0RDENT,
  Credential: K0RDENT,
  ServiceTemplate: K0RDENT,
  ServiceTemplateChain: K0RDENT,
  Cluster: CLUSTER_API,
  Machine: CLUSTER_API,
  MachineDeployment: CLUSTER_API,
  MachineHealthCheck: CLUSTER_API,
  MachineSet: CLUSTER_API,
  K0sControlPlane: CONTROL_PLANE,
  K0smotronControlPlane: CONTROL_PLANE,
  K0sWorkerConfig: ["bootstrap.cluster.x-k8s.io/v1beta2", "bootstrap.cluster.x-k8s.io/v1beta1"],
  NutanixCluster: INFRASTRUCTURE,
  NutanixMachine: INFRASTRUCTURE,
  NutanixMachineTemplate: INFRASTRUCTURE,
  InfrastructureProvider: ["operator.cluster.x-k8s.io/v1alpha2"],
  HelmRelease: ["helm.toolkit.fluxcd.io/v2"],
  HelmChart: ["source.toolkit.fluxcd.io/v1"],
  HelmRepository: ["source.toolkit.fluxcd.io/v1"],
  ConfigMap: ["v1"],
  Event: ["v1"],
  PersistentVolumeClaim: ["v1"],
  Pod: ["v1"],
  Secret: ["v1"],
  Service: ["v1"],
  DaemonSet: ["apps/v1"],
  Deployment: ["apps/v1"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const CLUSTER_SCOPED = {
  Management: K0RDENT,
  MultiClusterService: K0RDENT,
  ProviderInterface: K0RDENT,
  ProviderTemplate: K0RDENT,
  Release: K0RDENT,
  Namespace: ["v1"],
  Node: ["v1"],
  StorageClass: ["storage.k8s.io/v1"],
  CustomResourceDefinition: ["apiextensions.k8s.io/v1"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** k0smotron's own Cluster, which shares its name with Cluster API's. */
const K0SMOTRON_CLUSTER = ["k0smotron.io/v1beta2", "k0smotron.io/v1beta1"];

export type KindName = keyof typeof NAMESPACED | keyof typeof CLUSTER_SCOPED | "K0smotronCluster";

export interface ResourceKind extends KindReference {
  /** The newest version. */
  readonly apiVersion: string;
  /** All versions, newest first. */
  readonly apiVersions: readonly string[];
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The table of kinds. */
export const KINDS = Object.fromEntries([
  ...Object.entries(NAMESPACED).map(([kind, versions]) => [kind, resourceKind(kind, versions, true)]),
  ...Object.entries(CLUSTER_SCOPED).map(([kind, versions]) => [kind, resourceKind(kind, versions, false)]),
  ["K0smotronCluster", resourceKind("Cluster", K0SMOTRON_CLUSTER, true)],
]) as Readonly<Record<KindName, ResourceKind>>;

function resourceKind(kind: string, apiVersions: readonly string[], namespaced: boolean): ResourceKind {
  return { kind, apiVersion: apiVersions[0] ?? "", apiVersions, plural: pluralOf(kind), namespaced };
}

/** What kubectl guesses, which is right for every kind of the table, and for all but a few others. */
export function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower.endsWith("s")) return `${lower}es`;
  return lower.endsWith("y") ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

/** `apps` of `apps/v1`; empty for the core group. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}

/** `/apis/apps/v1`, `/api/v1`. */
export function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Path of all objects of a kind, in a namespace or in all, like `/apis/apps/v1/namespaces/x/deployments`. */
export function listPath({ apiVersion, kind }: KindReference, namespace?: string): string {
  const within = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${groupPath(apiVersion)}${within}/${pluralOf(kind)}`;
}

export function objectPath({ metadata: { name, namespace }, ...kind }: ObjectReference): string {
  return `${listPath(kind, namespace)}/${encodeURIComponent(name)}`;
}
