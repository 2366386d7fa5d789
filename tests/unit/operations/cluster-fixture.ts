import type { ContainerLog, DiagnosisInput, EndpointProbe } from "../../../operations/diagnoses/input.ts";
import {
  ADDITIONAL_KINDS,
  type AdditionalObjects,
  SNAPSHOT_KINDS,
  type Snapshot,
} from "../../../operations/snapshot.ts";

export type Live = Record<string, any>;

/** A management cluster to change: every kind's objects, and what else the doctor is given. */
export interface ClusterFixture {
  readonly objects: Record<string, Live[]>;
  readonly events: Live[];
  readonly logs: ContainerLog[];
  readonly probes: EndpointProbe[];
  readonly gaps: { kind: string; why: string; message: string }[];
  planned?: string[];
}

export const NOW = "2026-03-01T12:00:00Z";
export const ago = (minutes: number) => new Date(Date.parse(NOW) - minutes * 60_000).toISOString();
const SINCE = ago(600);

export const condition = (type: string, status: string, more: Live = {}): Live => ({
  type,
  status,
  reason: status === "True" ? "Succeeded" : "Failed",
  message: "",
  lastTransitionTime: SINCE,
  ...more,
});
const fine = (...types: string[]) => ({ conditions: types.map((type) => condition(type, "True")) });

const VERSIONS: Record<string, string> = {
  Management: "k0rdent.mirantis.com/v1beta1",
  Release: "k0rdent.mirantis.com/v1beta1",
  ClusterTemplate: "k0rdent.mirantis.com/v1beta1",
  ProviderTemplate: "k0rdent.mirantis.com/v1beta1",
  Credential: "k0rdent.mirantis.com/v1beta1",
  ClusterDeployment: "k0rdent.mirantis.com/v1beta1",
  InfrastructureProvider: "operator.cluster.x-k8s.io/v1alpha2",
  HelmRelease: "helm.toolkit.fluxcd.io/v2",
  HelmRepository: "source.toolkit.fluxcd.io/v1",
  Cluster: "cluster.x-k8s.io/v1beta1",
  MachineDeployment: "cluster.x-k8s.io/v1beta1",
  MachineSet: "cluster.x-k8s.io/v1beta1",
  Machine: "cluster.x-k8s.io/v1beta1",
  MachineHealthCheck: "cluster.x-k8s.io/v1beta1",
  K0smotronControlPlane: "controlplane.cluster.x-k8s.io/v1beta1",
  K0sWorkerConfig: "bootstrap.cluster.x-k8s.io/v1beta1",
  NutanixCluster: "infrastructure.cluster.x-k8s.io/v1beta1",
  NutanixMachine: "infrastructure.cluster.x-k8s.io/v1beta1",
  NutanixMachineTemplate: "infrastructure.cluster.x-k8s.io/v1beta1",
};

export const object = (kind: string, name: string, body: Live = {}): Live => ({
  apiVersion: VERSIONS[kind] ?? "v1",
  kind,
  ...body,
  metadata: { name, namespace: "kcm-system", creationTimestamp: SINCE, generation: 1, ...body["metadata"] },
});

const owned = (cluster: string, kind: string, name: string) => ({
  labels: { "cluster.x-k8s.io/cluster-name": cluster },
  ownerReferences: [{ apiVersion: VERSIONS[kind] ?? "v1", kind, name, uid: `${name}-uid`, controller: true }],
});

/** A management cluster in which all is well, with two clusters. */
export function healthy(): ClusterFixture {
  const objects: Record<string, Live[]> = Object.fromEntries(
    [...SNAPSHOT_KINDS, ...ADDITIONAL_KINDS].map((kind) => [kind, []]),
  );
  const add = (kind: string, name: string, body: Live) => void objects[kind]?.push(object(kind, name, body));
  const providers = ["cluster-api-provider-k0sproject-k0smotron", "projectsveltos", "cluster-api-provider-nutanix"];
  add("Management", "kcm", {
    spec: { release: "kcm-1-2-0", providers: providers.map((name) => ({ name })) },
    status: {
      ...fine("Ready"),
      observedGeneration: 1,
      components: Object.fromEntries(["kcm", "capi", ...providers].map((name) => [name, { success: true }])),
    },
  });
  add("Release", "kcm-1-2-0", { spec: { version: "1.2.0" }, status: { ready: true } });
  add("InfrastructureProvider", "nutanix", {
    spec: { version: "v1.7.0", configSecret: { name: "nutanix-creds", namespace: "kcm-system" } },
    status: { ...fine("Ready", "ProviderInstalled"), installedVersion: "v1.7.0" },
  });
  add("HelmRepository", "nutanix-charts", { status: fine("Ready") });
  add("ProviderTemplate", "cluster-api-provider-nutanix-1-0-0", { status: { valid: true } });
  add("ClusterTemplate", "nutanix-k0s-hcp-1-0-0", { status: { valid: true } });
  add("Secret", "nutanix-creds", {});
  for (const [index, name] of ["calm", "demo"].entries()) addCluster(add, name, `10.1.1.20${index}`);
  return { objects, events: [], logs: [], probes: [], gaps: [] };
}

export const MACHINE_SPEC = {
  vcpusPerSocket: 1,
  vcpuSockets: 2,
  memorySize: "4Gi",
  systemDiskSize: "40Gi",
  image: { type: "name", name: "ubuntu" },
  cluster: { type: "name", name: "pe" },
  subnet: [{ type: "name", name: "vlan" }],
};

function addCluster(add: (kind: string, name: string, body: Live) => void, name: string, host: string): void {
  const identity = `${name}-nutanix-identity`;
  add("Secret", identity, {});
  add("Secret", `${name}-capx-credentials`, {
    metadata: { ownerReferences: [{ kind: "NutanixCluster", name, uid: `${name}-uid` }] },
  });
  add("Secret", `${name}-kubeconfig`, {});
  add("ConfigMap", `${identity}-resource-template`, { data: { "configmap.yaml": "…" } });
  add("ConfigMap", `${name}-pc-ca`, { data: { "ca.crt": "…", "ca-bundle.crt": "…" } });
  add("Credential", `${name}-nutanix`, {
    spec: { identityRef: { apiVersion: "v1", kind: "Secret", name: identity, namespace: "kcm-system" } },
    status: { ready: true, ...fine("CredentialReady") },
  });
  add("ClusterDeployment", name, {
    metadata: { labels: { "k0rdent-nutanix/stack": "k0rdent-nutanix.dev" } },
    spec: { template: "nutanix-k0s-hcp-1-0-0", credential: `${name}-nutanix`, propagateCredentials: true },
    status: {
      observedGeneration: 1,
      ...fine("TemplateReady", "CredentialReady", "HelmChartReady", "HelmReleaseReady", "CAPIClusterSummary", "Ready"),
    },
  });
  add("HelmRelease", name, { status: { observedGeneration: 1, ...fine("Ready", "Released") } });
  const endpoint = { controlPlaneEndpoint: { host, port: 6443 } };
  add("Cluster", name, {
    spec: {
      ...endpoint,
      controlPlaneRef: { apiVersion: VERSIONS["K0smotronControlPlane"], kind: "K0smotronControlPlane", name },
      infrastructureRef: { apiVersion: VERSIONS["NutanixCluster"], kind: "NutanixCluster", name },
    },
    status: {
      phase: "Provisioned",
      infrastructureReady: true,
      controlPlaneReady: true,
      ...fine("Ready", "InfrastructureReady", "ControlPlaneReady", "ControlPlaneInitialized"),
    },
  });
  add("K0smotronControlPlane", name, {
    metadata: owned(name, "Cluster", name),
    spec: { replicas: 3, version: "v1.32.6-k0s.0" },
    status: { ready: true, initialized: true, replicas: 3, readyReplicas: 3 },
  });
  add("NutanixCluster", name, {
    metadata: owned(name, "Cluster", name),
    spec: {
      ...endpoint,
      prismCentral: {
        address: "pc.example.com",
        port: 9440,
        credentialRef: { kind: "Secret", name: `${name}-capx-credentials` },
        additionalTrustBundle: { kind: "ConfigMap", name: `${name}-pc-ca` },
      },
    },
    status: { ready: true, ...fine("PrismClientInit", "ClusterCategoryCreated", "CredentialRefSecretOwnerSet") },
  });
  addWorkers(add, name);
}

function addWorkers(add: (kind: string, name: string, body: Live) => void, name: string): void {
  const [md, set, machine, template] = [`${name}-md`, `${name}-md-abc`, `${name}-md-abc-x7`, `${name}-worker-mt-1a2b`];
  add("NutanixMachineTemplate", template, {
    metadata: owned(name, "Cluster", name),
    spec: { template: { spec: { ...MACHINE_SPEC } } },
  });
  add("MachineDeployment", md, {
    metadata: owned(name, "Cluster", name),
    spec: { clusterName: name, replicas: 1 },
    status: { replicas: 1, readyReplicas: 1, availableReplicas: 1, ...fine("Ready", "Available") },
  });
  add("MachineSet", set, {
    metadata: owned(name, "MachineDeployment", md),
    spec: { clusterName: name, replicas: 1 },
    status: { replicas: 1, readyReplicas: 1, ...fine("MachinesCreated", "MachinesReady") },
  });
  add("MachineHealthCheck", md, {
    metadata: owned(name, "Cluster", name),
    spec: { clusterName: name },
    status: fine("RemediationAllowed"),
  });
  add("Machine", machine, {
    metadata: owned(name, "MachineSet", set),
    spec: {
      clusterName: name,
      infrastructureRef: { apiVersion: VERSIONS["NutanixMachine"], kind: "NutanixMachine", name: machine },
    },
    status: { phase: "Running", nodeRef: { name: machine }, ...fine("Ready", "BootstrapReady", "InfrastructureReady") },
  });
  add("K0sWorkerConfig", machine, { metadata: owned(name, "Machine", machine), status: { ready: true } });
  add("NutanixMachine", machine, {
    metadata: {
      ...owned(name, "Machine", machine),
      annotations: { "cluster.x-k8s.io/cloned-from-name": template },
    },
    spec: { ...MACHINE_SPEC, providerID: `nutanix://${name}-uuid` },
    status: { ready: true, vmUUID: `${name}-uuid`, ...fine("VMProvisioned", "VMAddressesAssigned", "ProjectAssigned") },
  });
}

/** What the doctor is given of a world. */
export function inputOf(world: ClusterFixture): DiagnosisInput {
  const { objects, events, logs, probes, gaps, planned } = world;
  const isExtra = ({ kind }: { kind: string }) => (ADDITIONAL_KINDS as readonly string[]).includes(kind);
  const pick = (kinds: readonly string[]) => Object.fromEntries(kinds.map((kind) => [kind, objects[kind]]));
  return {
    snapshot: {
      server: "https://127.0.0.1:6443",
      namespace: "kcm-system",
      takenAt: NOW,
      objects: pick(SNAPSHOT_KINDS),
      events,
      gaps: gaps.filter((gap) => !isExtra(gap)),
    } as unknown as Snapshot,
    additional: { objects: pick(ADDITIONAL_KINDS), gaps: gaps.filter(isExtra) } as unknown as AdditionalObjects,
    logs,
    probes,
    planned,
  };
}
