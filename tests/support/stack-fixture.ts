import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { StackInput } from "../../schema/stack.ts";

/** PEM text of one of the certificates in tests/certificates. */
export function pem(name: string): string {
  return readFileSync(join(import.meta.dirname, "../certificates", `${name}.pem`), "utf8");
}

/** Passwords of the good stack: whatever is wrong with it, no message may show them, escaped or not. */
export const PASSWORDS = { global: `global "canary\\ '1'`, edge: `edge@canary:{"2"}\\n` };

/** A day not long ago. */
const RECENT = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);

/** A day within a year, until which waivers last. */
export const NEXT_YEAR = new Date(Date.now() + 300 * 86_400_000).toISOString().slice(0, 10);

/** A stack file as Pulumi hands it over, with passwords opened. Tests change what they need: everything in it may be of a wrong type. */
export interface StackFile {
  [key: string]: any;
}

/** A stack in which every word of the stack file is used, and nothing is wrong. */
export function validStack(): StackFile {
  return {
    environment: "production",
    management: {
      kubeconfig: "kubeconfig",
      context: "management",
      kcm: { version: "1.2.0", chart: "oci://registry.example.com/kcm", values: { replicas: 2 } },
      providers: [{ name: "cluster-api-provider-aws", template: "cluster-api-provider-aws-1-0-0", config: { a: 1 } }],
      timeouts: { release: 500, management: 200, template: 100, credential: 50, cluster: 3000 },
      adopt: false,
    },
    capx: {
      version: "1.7.0",
      chartRepository: "oci://registry.example.com/nutanix",
      takeOwnership: true,
      managedExternally: false,
    },
    prismCentral: { address: "pc.example.com", port: 9440, insecure: false, trustBundle: { pem: pem("authority") } },
    credentials: {
      global: { username: "svc-global", password: PASSWORDS.global },
      edge: { username: "svc-edge", password: PASSWORDS.edge, rotated: RECENT },
    },
    clusters: { demo: hostedCluster(), edge: standaloneCluster() },
    networks: {
      "VM-Network": { cidr: "10.1.1.0/24", pools: ["10.1.1.10-10.1.1.99"] },
      "550e8400-e29b-41d4-a716-446655440002": { cidr: "10.1.1.0/24", pools: ["10.1.1.128/26"] },
    },
    peerStacks: [],
    policy: {
      "clusters-use-dedicated-credentials": {
        waivers: [{ cluster: "demo", reason: "a trial of the global login", until: NEXT_YEAR }],
      },
      "stack-is-within-quota": { clusters: 10, machines: 100, vcpus: 200, memoryGib: 1000 },
      "machines-have-required-categories": {
        enforcementLevel: "advisory",
        reason: "no categories before spring",
        until: NEXT_YEAR,
      },
      "credentials-are-rotated": { maxAgeDays: 365 },
      // Kubernetes 1.32 has ended.
      "k0s-version-is-maintained": {
        enforcementLevel: "disabled",
        reason: "upgrade with the next kcm",
        until: NEXT_YEAR,
      },
    },
  };
}

function hostedCluster(): StackFile {
  return {
    mode: "hcp",
    nutanix: { controlPlaneEndpoint: { host: "10.1.1.200", port: 6443 } },
    machineDefaults: {
      image: { type: "name", name: "ubuntu-22.04-k0s" },
      cluster: { type: "name", name: "PE-Cluster-01" },
      subnets: [{ type: "name", name: "VM-Network" }],
      bootType: "legacy",
      vcpusPerSocket: 1,
      vcpuSockets: 2,
      memorySize: "4Gi",
      systemDiskSize: "40Gi",
      project: "k0s-project",
      additionalCategories: ["environment:dev", { key: "managed-by", value: "k0rdent" }],
    },
    worker: { vcpuSockets: 4 },
    k0s: {
      version: "v1.32.6+k0s.0",
      worker: {
        labels: { "example.com/rack": "r1" },
        taints: [{ key: "workload", value: "batch", effect: "NoSchedule" }],
      },
      config: { spec: { telemetry: { enabled: false } } },
    },
    clusterNetwork: {
      pods: { cidrBlocks: ["10.243.0.0/16"] },
      services: { cidrBlocks: ["10.95.0.0/16"] },
      serviceDomain: "cluster.local",
    },
    controlPlaneNumber: 3,
    workersNumber: 2,
    encryptionAtRest: false,
    labels: { team: "blue" },
    waitForReady: false,
    protect: true,
    values: { k0smotron: { service: { annotations: { a: "b" } } } },
  };
}

function standaloneCluster(): StackFile {
  return {
    mode: "standalone",
    nutanix: {
      prismCentral: {
        address: "pc-edge.example.com",
        port: 9441,
        usePerClusterCredential: true,
        credentialSecretName: "edge-login",
        trustBundle: { file: "second-authority.pem" },
      },
      controlPlaneEndpoint: { host: "10.1.1.201" },
    },
    machineDefaults: {
      image: { type: "uuid", uuid: "550e8400-e29b-41d4-a716-446655440000" },
      cluster: { type: "uuid", uuid: "550e8400-e29b-41d4-a716-446655440001" },
      subnets: [
        { type: "uuid", uuid: "550e8400-e29b-41d4-a716-446655440002" },
        { type: "name", name: "Storage-Network" },
      ],
      bootType: "uefi",
      project: { type: "uuid", uuid: "550e8400-e29b-41d4-a716-446655440003" },
    },
    controlPlane: { vcpuSockets: 4, memorySize: "8Gi", systemDiskSize: "80Gi" },
    controlPlaneNumber: 3,
    loadBalancing: { type: "cplb", virtualRouterID: 7, prefixLength: 24 },
    allowControlPlaneRollout: false,
  };
}

/** The part of the good stack that the schema of a stack reads: all but its credentials. */
export function validInput(): StackInput {
  const { credentials: _, ...plain } = validStack();
  return plain as unknown as StackInput;
}

const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: management
clusters: [{name: management, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: management, context: {cluster: management, user: admin}}]
users: [{name: admin, user: {}}]
`;

/** A project folder of its own, with the files that the good stack names, and more. */
export function projectFolder(more: Readonly<Record<string, string>> = {}): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-config-"));
  const files = { kubeconfig: KUBECONFIG, "second-authority.pem": pem("second-authority"), ...more };
  for (const [name, text] of Object.entries(files)) {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
