import type { Condition } from "../../kubernetes/conditions.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";

/** namespace/name, or the name of an object that has no namespace: how kcm writes it in its messages. */
export function keyOf({ namespace, name }: { namespace?: string | undefined; name: string }): string {
  return namespace ? `${namespace}/${name}` : name;
}

export interface HelmSpec {
  chartSpec?: { chart: string; version?: string; interval: string };
  chartRef?: { kind: string; name: string; namespace?: string };
}

export type Contracts = Record<string, string>;
export type Release = KubernetesObject<
  {
    version: string;
    kcm: { template: string };
    capi: { template: string };
    providers?: { name: string; template: string }[];
  },
  { ready?: boolean }
>;
export type ManagementComponent = { name: string; template?: string; config?: unknown };
export type ManagementObject = KubernetesObject<
  {
    release: string;
    core?: { kcm?: { template?: string; config?: Record<string, unknown> }; capi?: { template?: string } } | null;
    providers?: ManagementComponent[];
  },
  {
    availableProviders?: string[];
    capiContracts?: Record<string, Contracts>;
    components?: Record<string, { success?: boolean }>;
  }
>;
export type ProviderTemplate = KubernetesObject<
  { helm: HelmSpec; providers?: string[]; capiContracts?: Contracts },
  { valid?: boolean; providers?: string[]; capiContracts?: Contracts }
>;
export type ClusterTemplate = KubernetesObject<
  { helm: HelmSpec; providers?: string[]; providerContracts?: Contracts; k8sVersion?: string },
  { valid?: boolean; validationError?: string; providers?: string[]; providerContracts?: Contracts }
>;
export type ProviderInterface = KubernetesObject<{
  clusterIdentityKinds?: string[];
  clusterIdentities?: { kind: string }[];
}>;
export type TemplateChain = KubernetesObject<
  { supportedTemplates?: { name: string; availableUpgrades?: { name: string }[] }[] },
  { valid?: boolean; validationError?: string }
>;
export type IdentityRef = { apiVersion?: string; kind?: string; name?: string; namespace?: string };
export type Credential = KubernetesObject<{ identityRef: IdentityRef }, { ready?: boolean }>;
export type SimulatedServiceTemplate = KubernetesObject<
  { helm?: HelmSpec },
  { valid?: boolean; validationError?: string }
>;
export type ServiceEntry = {
  name: string;
  namespace?: string;
  template: string;
  templateChain?: string;
  dependsOn?: { name: string; namespace?: string }[];
  valuesFrom?: { kind: string; name: string; namespace?: string }[];
};
export type ServiceSpec = { services?: ServiceEntry[] };
export type SimulatedMultiClusterService = KubernetesObject<{
  clusterSelector?: { matchLabels?: Record<string, string> };
  serviceSpec?: ServiceSpec;
}>;
export type ClusterDeployment = KubernetesObject<
  {
    template: string;
    credential?: string;
    config?: Record<string, unknown>;
    dryRun?: boolean;
    serviceSpec?: ServiceSpec;
  },
  { conditions?: Condition[]; observedGeneration?: number; availableUpgrades?: string[] }
>;
export type CapiCluster = KubernetesObject<Readonly<Record<string, unknown>>, { conditions?: Condition[] }>;
export type HelmRelease = KubernetesObject<{ chartRef?: HelmSpec["chartRef"]; values?: Record<string, unknown> }>;
export type Deployment = KubernetesObject<
  { replicas?: number; template?: { spec?: { containers?: { args?: string[] }[] } } },
  { availableReplicas?: number }
>;
