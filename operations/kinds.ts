/** The kinds that a cluster is made of in the management cluster, and how each is listed. */
export interface Kind {
  /** Empty for the core group. */
  readonly group: string;
  /** Newest first: the first that the server has is read. */
  readonly versions: readonly string[];
  readonly plural: string;
  readonly namespaced: boolean;
  /** Only names, labels and ages: what they hold is secret. */
  readonly metadataOnly?: true;
  readonly fieldSelector?: string;
}

const k0rdent = (plural: string, namespaced: boolean): Kind => ({
  group: "k0rdent.mirantis.com",
  versions: ["v1beta1"],
  plural,
  namespaced,
});

const clusterApi = (plural: string, group = "cluster.x-k8s.io", versions = ["v1beta2", "v1beta1"]): Kind => ({
  group,
  versions,
  plural,
  namespaced: true,
});

const INFRASTRUCTURE = "infrastructure.cluster.x-k8s.io";
const CONTROL_PLANE = "controlplane.cluster.x-k8s.io";

export const KINDS = {
  ClusterDeployment: k0rdent("clusterdeployments", true),
  Credential: k0rdent("credentials", true),
  ClusterTemplate: k0rdent("clustertemplates", true),
  ProviderTemplate: k0rdent("providertemplates", false),
  Management: k0rdent("managements", false),
  Secret: { group: "", versions: ["v1"], plural: "secrets", namespaced: true, metadataOnly: true },
  HelmRelease: { group: "helm.toolkit.fluxcd.io", versions: ["v2"], plural: "helmreleases", namespaced: true },
  HelmChart: { group: "source.toolkit.fluxcd.io", versions: ["v1"], plural: "helmcharts", namespaced: true },
  InfrastructureProvider: {
    group: "operator.cluster.x-k8s.io",
    versions: ["v1alpha2"],
    plural: "infrastructureproviders",
    namespaced: true,
  },
  Cluster: clusterApi("clusters"),
  MachineDeployment: clusterApi("machinedeployments"),
  MachineSet: clusterApi("machinesets"),
  Machine: clusterApi("machines"),
  MachineHealthCheck: clusterApi("machinehealthchecks"),
  K0sControlPlane: clusterApi("k0scontrolplanes", CONTROL_PLANE),
  K0smotronControlPlane: clusterApi("k0smotroncontrolplanes", CONTROL_PLANE),
  NutanixCluster: clusterApi("nutanixclusters", INFRASTRUCTURE, ["v1beta1"]),
  NutanixMachine: clusterApi("nutanixmachines", INFRASTRUCTURE, ["v1beta1"]),
  Event: { group: "", versions: ["v1"], plural: "events", namespaced: true, fieldSelector: "type!=Normal" },
} as const satisfies Readonly<Record<string, Kind>>;

export type KindName = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as readonly KindName[];

/** Path of a kind's list, like `/apis/cluster.x-k8s.io/v1beta2/namespaces/kcm-system/machines`. */
export function listPath(kind: Kind, version: string, namespace: string): string {
  const root = kind.group === "" ? `/api/${version}` : `/apis/${kind.group}/${version}`;
  const path = `${root}${kind.namespaced ? `/namespaces/${namespace}` : ""}/${kind.plural}`;
  return kind.fieldSelector === undefined ? path : `${path}?fieldSelector=${encodeURIComponent(kind.fieldSelector)}`;
}
