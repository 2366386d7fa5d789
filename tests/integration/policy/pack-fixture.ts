/** Resources written by hand, as any Pulumi program could register them: all rules hold of them. */
import { capiTargets } from "../../unit/policy/rules/valid-stack.ts";

export interface PackResource {
  readonly type: string;
  readonly name: string;
  // Changed by tests, at any depth.
  readonly props: Record<string, any>;
  /** Whether Pulumi refuses to delete it. @default true */
  readonly protect?: boolean;
}

export const VALID_CA = `-----BEGIN CERTIFICATE-----
MIIB0jCCAXegAwIBAgIUT7koxi2Q26bpP6XwevHyb5SszOgwCgYIKoZIzj0EAwIw
NTEQMA4GA1UECgwHRXhhbXBsZTEhMB8GA1UEAwwYRXhhbXBsZSBQcmlzbSBDZW50
cmFsIENBMCAXDTI2MTEyMjIyMDIzOVoYDzIxMjYxMDI5MjIwMjM5WjA1MRAwDgYD
VQQKDAdFeGFtcGxlMSEwHwYDVQQDDBhFeGFtcGxlIFByaXNtIENlbnRyYWwgQ0Ew
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT94e/DGkoaocLoqVhStdSO83JcRsKz
TnMtqoOzwMkHfMUedK1+HCiooPzSaiSeaC2VPakOwaovwe4j+ZfP88fFo2MwYTAd
BgNVHQ4EFgQUrozlPhRjep2f176s0EpiV9VyR40wHwYDVR0jBBgwFoAUrozlPhRj
ep2f176s0EpiV9VyR40wDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYw
CgYIKoZIzj0EAwIDSQAwRgIhAIkrytSM9XbmccgAe4a21s+q+wjuXfEqWVFvec3x
L9woAiEA975celAEiA4fdvM1a7Fe/LorUxan6vAKxGduGit5Hxs=
-----END CERTIFICATE-----
`;

/**
 * A standalone cluster and a hosted one, a trust bundle, and the two releases; a third cluster in Cluster API's own objects
 * with its login and its charts; and what Pulumi tells of this stack. Each call makes a copy of its own.
 */
export function validResources() {
  return {
    edge: deployment("edge", "nutanix-k0s-standalone-1-0-0", {
      nutanix: {
        prismCentral: {
          address: "prism-central.example.com",
          port: 9440,
          insecure: false,
          usePerClusterCredential: true,
          credentialSecretName: "edge-capx-credentials",
        },
        controlPlaneEndpoint: { host: "10.1.1.201", port: 6443 },
      },
      machineDefaults: {
        subnets: [{ type: "name", name: "Edge-Network" }],
        vcpusPerSocket: 1,
        vcpuSockets: 2,
        memorySize: "4Gi",
        systemDiskSize: "40Gi",
      },
      controlPlane: { memorySize: "8Gi" },
      k0s: { version: "v1.36.3+k0s.2" },
      clusterNetwork: { pods: { cidrBlocks: ["10.244.0.0/16"] }, services: { cidrBlocks: ["10.96.0.0/16"] } },
      loadBalancing: { type: "cplb", virtualRouterID: 201, prefixLength: 32, authPass: "k3j4h5g6" },
      controlPlaneNumber: 3,
      workersNumber: 2,
    }),
    demo: deployment("demo", "nutanix-k0s-hcp-1-0-0", {
      nutanix: {
        prismCentral: {
          address: "prism-central.example.com",
          insecure: false,
          usePerClusterCredential: true,
          credentialSecretName: "demo-capx-credentials",
        },
        controlPlaneEndpoint: { host: "10.1.1.200", port: 6443 },
      },
      machineDefaults: { vcpusPerSocket: 1, vcpuSockets: 2, memorySize: "4Gi", systemDiskSize: "40Gi" },
      k0s: { version: "v1.36.3+k0s.2" },
      workersNumber: 2,
    }),
    bundle: {
      type: "kubernetes:core/v1:ConfigMap",
      name: "edge-trust-bundle",
      props: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: {
          name: "edge-pc-ca",
          namespace: "kcm-system",
          labels: { "app.kubernetes.io/component": "trust-bundle" },
        },
        data: { "ca.crt": VALID_CA },
      },
    } as PackResource,
    kcm: release("kcm", { chart: "oci://ghcr.io/k0rdent/kcm/charts/kcm", version: "1.11.4" }),
    capx: release("nutanix-capx", { chart: "/charts/nutanix-capx", values: { capx: { version: "v1.10.3" } } }),
    cluster: raw("Cluster"),
    nutanix: raw("NutanixCluster"),
    controlPlane: raw("K0sControlPlane"),
    machines: raw("NutanixMachineTemplate"),
    login: raw("Secret"),
    credential: raw("Credential"),
    source: raw("HelmRepository"),
    template: raw("ClusterTemplate"),
    stack: { type: "pulumi:pulumi:Stack", name: "other-s", props: {} } as PackResource,
  };
}
export type ValidResources = ReturnType<typeof validResources>;

/** The first object of a kind of the cluster in Cluster API's own objects. */
function raw(kind: string): PackResource {
  const { object } = structuredClone(capiTargets().find(({ object }) => object.kind === kind))!;
  const apiVersion = object.apiVersion === "v1" ? "core/v1" : object.apiVersion;
  return { type: `kubernetes:${apiVersion}:${kind}`, name: object.metadata.name, props: { ...object } };
}

function deployment(name: string, template: string, config: object): PackResource {
  return {
    type: "kubernetes:k0rdent.mirantis.com/v1beta1:ClusterDeployment",
    name,
    props: {
      apiVersion: "k0rdent.mirantis.com/v1beta1",
      kind: "ClusterDeployment",
      metadata: { name, namespace: "kcm-system" },
      spec: { template, credential: `${name}-nutanix`, config },
    },
  };
}

function release(name: string, inputs: object): PackResource {
  return { type: "kubernetes:helm.sh/v3:Release", name, props: { name, namespace: "kcm-system", ...inputs } };
}
