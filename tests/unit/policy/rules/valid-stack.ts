/** Wholes that every rule takes: the good stack as the program hands it over, and the same sort of cluster in Cluster API's own objects. */
import { stackSettings, stackTargets } from "../../../../manifests/stack-manifests.ts";
import type { PolicySettings, PolicyTarget } from "../../../../policy/rules/rule.ts";
import { parse } from "../../../../schema/parse.ts";
import { type Stack, stack } from "../../../../schema/stack.ts";
import { pem, validInput } from "../../../support/stack-fixture.ts";

// Tests change what they like, at any depth.
export type Plain = Record<string, any>;

function good(): Stack {
  return parse(stack, validInput(), { at: "" }).value as Stack;
}

export const SETTINGS: PolicySettings = stackSettings(good());

export function validTargets(): PolicyTarget[] {
  const bundles = { prismCentral: pem("authority"), edge: pem("second-authority") };
  const logins = {
    global: { isBuiltIn: false, rotated: undefined },
    edge: { isBuiltIn: false, rotated: "2026-01-01" },
  };
  return structuredClone(stackTargets(good(), bundles, logins));
}

/** The config of a cluster among subjects. */
export function configOf(targets: readonly PolicyTarget[], name: string): Plain {
  return (targetAt(targets, `clusters.${name}`).object as Plain)["spec"].config;
}

export function targetAt(targets: readonly PolicyTarget[], at: string): PolicyTarget {
  const one = targets.find((target) => target.at === at);
  if (one === undefined) throw new Error(`there is no ${at}`);
  return one;
}

/** The inputs of a Helm release, or what a subject of one of ours states. */
export function specOf(targets: readonly PolicyTarget[], at: string): Plain {
  return targetAt(targets, at).object.spec as Plain;
}

export function objectOf(targets: readonly PolicyTarget[], at: string): Plain {
  return targetAt(targets, at).object as unknown as Plain;
}

function target(apiVersion: string, kind: string, name: string, more: object): PolicyTarget {
  const metadata = { name, namespace: "kcm-system" };
  return {
    at: `${kind} kcm-system/${name}`,
    object: { apiVersion, kind, metadata, ...more } as PolicyTarget["object"],
  };
}

const CAPX = "infrastructure.cluster.x-k8s.io/v1beta1";
const CONTROL_PLANE = "controlplane.cluster.x-k8s.io/v1beta1";
const CLUSTER = "cluster.x-k8s.io/v1beta1";

function machines(name: string, memorySize: string): PolicyTarget {
  const spec = {
    vcpusPerSocket: 1,
    vcpuSockets: 4,
    memorySize,
    systemDiskSize: "80Gi",
    cluster: { type: "name", name: "PE-Cluster-01" },
    subnet: [{ type: "name", name: "VM-Network" }],
    additionalCategories: [{ key: "owner", value: "platform" }],
  };
  return target(CAPX, "NutanixMachineTemplate", name, { spec: { template: { spec } } });
}

/** What somebody writes who uses none of this project's charts: a standalone cluster and its login, by hand. */
export function capiTargets(): PolicyTarget[] {
  const reference = (kind: string, name: string) => ({ apiVersion: CAPX, kind, name });
  return [
    {
      ...target(CLUSTER, "Cluster", "raw", {
        spec: {
          clusterNetwork: { pods: { cidrBlocks: ["10.243.0.0/16"] }, services: { cidrBlocks: ["10.95.0.0/16"] } },
          infrastructureRef: reference("NutanixCluster", "raw-nutanix"),
          controlPlaneRef: { apiVersion: CONTROL_PLANE, kind: "K0sControlPlane", name: "raw-cp" },
        },
      }),
      options: { protect: true },
    },
    target(CAPX, "NutanixCluster", "raw-nutanix", {
      spec: {
        controlPlaneEndpoint: { host: "10.1.1.210", port: 6443 },
        prismCentral: {
          address: "pc.example.com",
          port: 9440,
          insecure: false,
          credentialRef: { kind: "Secret", name: "raw-capx" },
        },
      },
    }),
    target(CONTROL_PLANE, "K0sControlPlane", "raw-cp", {
      spec: {
        replicas: 3,
        version: "v1.36.3+k0s.2",
        machineTemplate: { infrastructureRef: reference("NutanixMachineTemplate", "raw-cp-mt") },
        k0sConfigSpec: {
          k0s: {
            spec: {
              extensions: {
                helm: { repositories: [{ name: "charts", url: "https://charts.example.com", insecure: false }] },
              },
            },
          },
        },
      },
    }),
    machines("raw-cp-mt", "8Gi"),
    target(CLUSTER, "MachineDeployment", "raw-md", {
      spec: {
        clusterName: "raw",
        replicas: 2,
        template: { spec: { infrastructureRef: reference("NutanixMachineTemplate", "raw-md-mt") } },
      },
    }),
    machines("raw-md-mt", "4Gi"),
    target("v1", "ConfigMap", "raw-ca", { data: { "ca.crt": pem("authority") } }),
    target("v1", "Secret", "raw-capx", {
      stringData: {
        credentials: JSON.stringify([{ data: { prismCentral: { username: "svc-raw", password: "canary" } } }]),
      },
    }),
    target("k0rdent.mirantis.com/v1beta1", "Credential", "raw-nutanix", {
      spec: { identityRef: { apiVersion: "v1", kind: "Secret", name: "raw-identity" } },
    }),
    target("source.toolkit.fluxcd.io/v1", "HelmRepository", "charts", { spec: { url: "https://charts.example.com" } }),
    target("k0rdent.mirantis.com/v1beta1", "ClusterTemplate", "own", {
      spec: { helm: { chartSpec: { chart: "own", sourceRef: { kind: "HelmRepository", name: "charts" } } } },
    }),
  ];
}
