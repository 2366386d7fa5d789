import { KINDS } from "../../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { type Gap, SNAPSHOT_KINDS, type Snapshot, type SnapshotKind } from "../../../operations/snapshot.ts";

const TAKEN_AT = "2026-11-24T12:00:00Z";
const CREATED = "2026-11-24T10:00:00Z";
const SINCE = "2026-11-24T11:57:00Z";
const NAMESPACE = "kcm-system";

export type Line = "v1beta1" | "v1beta2";

/** A condition of the older shape (with a severity), or of the newer. */
export const condition = (type: string, status: "True" | "False" | "Unknown", more: object = {}) => ({
  type,
  status,
  reason: status === "True" ? "Succeeded" : "Failed",
  message: "",
  lastTransitionTime: SINCE,
  ...more,
});

interface Parts {
  readonly spec?: object;
  readonly status?: object;
  readonly metadata?: object;
}

export function object(kind: SnapshotKind, name: string, { spec, status, metadata }: Parts = {}): KubernetesObject {
  return {
    apiVersion: KINDS[kind].apiVersion,
    kind,
    metadata: { name, namespace: NAMESPACE, uid: `${kind}/${name}`, creationTimestamp: CREATED, ...metadata },
    ...(spec === undefined ? {} : { spec }),
    ...(status === undefined ? {} : { status }),
  } as KubernetesObject;
}

/** Conditions where the core of that line keeps the ones that say most. */
export const conditions = (line: Line, ...list: object[]): object =>
  line === "v1beta2"
    ? { conditions: list, deprecated: { v1beta1: { conditions: [condition("Ready", "False", { message: "old" })] } } }
    : { conditions: [condition("Ready", "False", { message: "old" })], v1beta2: { conditions: list } };

const owned = (kind: SnapshotKind, name: string) => ({ ownerReferences: [{ kind, name, controller: true }] });
const ready = (...types: string[]) => types.map((type) => condition(type, "True"));

function machine(line: Line, name: string, owner: [SnapshotKind, string]): KubernetesObject[] {
  return [
    object("Machine", name, {
      metadata: owned(...owner),
      spec: { clusterName: "edge", version: "v1.32.6", infrastructureRef: { kind: "NutanixMachine", name } },
      status: {
        phase: "Running",
        nodeRef: { name: `${name}-node` },
        nodeInfo: { kubeletVersion: "v1.32.6+k0s" },
        ...conditions(line, ...ready("Ready", "Available", "InfrastructureReady", "NodeReady", "NodeHealthy")),
      },
    }),
    object("NutanixMachine", name, {
      metadata: owned("Machine", name),
      status: {
        ready: true,
        vmUUID: "7d2f0c3e-0000-4000-8000-000000000001",
        addresses: [{ type: "InternalIP", address: "10.1.1.31" }],
        conditions: ready("PrismClientInit", "VMProvisioned", "VMAddressesAssigned"),
      },
    }),
  ];
}

/** Every object of the standalone cluster `edge` in good health, in the shapes of one line of core. */
export function healthy(line: Line): KubernetesObject[] {
  return [
    object("ClusterDeployment", "edge", {
      metadata: { labels: { "k0rdent-nutanix/stack": "k0rdent-nutanix.mine" }, generation: 1 },
      spec: { template: "nutanix-k0s-standalone-1-0-0", credential: "edge-nutanix" },
      status: {
        observedGeneration: 1,
        conditions: ready(
          ...["TemplateReady", "CredentialReady", "HelmChartReady", "HelmReleaseReady", "CAPIClusterSummary", "Ready"],
        ),
      },
    }),
    object("Credential", "edge-nutanix", {
      spec: { identityRef: { kind: "Secret", name: "edge-nutanix-identity" } },
      status: { ready: true, conditions: ready("CredentialReady") },
    }),
    object("Secret", "edge-nutanix-identity"),
    object("Secret", "edge-capx-credentials"),
    object("Secret", "edge-kubeconfig"),
    object("ClusterTemplate", "nutanix-k0s-standalone-1-0-0", { status: { valid: true, chartVersion: "1.0.0" } }),
    object("HelmRelease", "edge", {
      status: {
        history: [{ chartVersion: "1.0.0+abc" }],
        helmChart: "kcm-system/edge",
        conditions: ready("Ready", "Released"),
      },
    }),
    object("HelmChart", "edge", { status: { artifact: { revision: "1.0.0" }, conditions: ready("Ready") } }),
    object("Cluster", "edge", {
      spec: {
        infrastructureRef: { kind: "NutanixCluster", name: "edge" },
        controlPlaneRef: { kind: "K0sControlPlane", name: "edge-standalone-cp" },
      },
      status: {
        phase: "Provisioned",
        ...conditions(line, ...ready("Available", "InfrastructureReady", "ControlPlaneAvailable")),
      },
    }),
    object("NutanixCluster", "edge", {
      spec: {
        controlPlaneEndpoint: { host: "10.1.1.201", port: 6443 },
        prismCentral: { credentialRef: { kind: "Secret", name: "edge-capx-credentials" } },
      },
      status: { ready: true, conditions: ready("PrismClientInit", "ClusterCategoryCreated") },
    }),
    object("K0sControlPlane", "edge-standalone-cp", {
      spec: { replicas: 1, version: "v1.32.6+k0s.0" },
      status: { ready: true, readyReplicas: 1, ...(line === "v1beta2" ? { conditions: ready("Available") } : {}) },
    }),
    ...machine(line, "edge-standalone-cp-0", ["K0sControlPlane", "edge-standalone-cp"]),
    object("MachineDeployment", "edge-md", {
      spec: { clusterName: "edge", replicas: 2 },
      status: { readyReplicas: 2, ...conditions(line, ...ready("Available")) },
    }),
    object("MachineSet", "edge-md-x1", {
      metadata: owned("MachineDeployment", "edge-md"),
      spec: { clusterName: "edge", replicas: 2 },
      status: { readyReplicas: 2, ...conditions(line, ...ready("MachinesReady")) },
    }),
    object("MachineSet", "edge-md-old", {
      metadata: owned("MachineDeployment", "edge-md"),
      spec: { clusterName: "edge", replicas: 0 },
    }),
    ...machine(line, "edge-md-x1-a", ["MachineSet", "edge-md-x1"]),
    ...machine(line, "edge-md-x1-b", ["MachineSet", "edge-md-x1"]),
    object("MachineHealthCheck", "edge-md", {
      spec: { clusterName: "edge" },
      status: { expectedMachines: 2, currentHealthy: 2, ...conditions(line, ...ready("RemediationAllowed")) },
    }),
    object("Management", "kcm", {
      spec: {
        release: "kcm-1-2-0",
        providers: [{ name: "cluster-api-provider-nutanix", template: "cluster-api-provider-nutanix-1-0-0" }],
      },
      status: { components: { "cluster-api-provider-nutanix": { success: true } }, conditions: ready("Ready") },
    }),
    object("ProviderTemplate", "cluster-api-provider-nutanix-1-0-0", {
      status: { valid: true, chartVersion: "1.0.0" },
    }),
    object("InfrastructureProvider", "nutanix", { status: { installedVersion: "v1.7.0", conditions: ready("Ready") } }),
  ];
}

/** A snapshot of these objects. */
export function snapshotOf(objects: readonly KubernetesObject[], gaps: readonly Gap[] = []): Snapshot {
  const kinds = Object.fromEntries(SNAPSHOT_KINDS.map((kind) => [kind, objects.filter((one) => one.kind === kind)]));
  return {
    server: "https://10.0.0.1:6443",
    namespace: NAMESPACE,
    takenAt: TAKEN_AT,
    objects: kinds as Record<SnapshotKind, KubernetesObject[]>,
    events: [],
    gaps,
  };
}

/** The objects with one changed: status and metadata merged in; `undefined` takes it away. */
export function changed(
  objects: readonly KubernetesObject[],
  id: `${SnapshotKind}/${string}`,
  change: { status?: object; metadata?: object } | undefined,
): KubernetesObject[] {
  return objects.flatMap((one) => {
    if (`${one.kind}/${one.metadata.name}` !== id) return [one];
    if (change === undefined) return [];
    const { status, metadata } = change;
    return [
      {
        ...one,
        metadata: { ...one.metadata, ...metadata },
        ...(status === undefined ? {} : { status: { ...one.status, ...status } }),
      } as KubernetesObject,
    ];
  });
}
