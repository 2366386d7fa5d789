import type { KubeObject } from "./client.ts";

/** A kind as the API's paths name it. */
export interface Resource {
  group: string;
  version: string;
  plural: string;
  namespaced: boolean;
}

const k0rdent = (plural: string, namespaced: boolean): Resource => ({
  group: "k0rdent.mirantis.com",
  version: "v1beta1",
  plural,
  namespaced,
});

export const RELEASES = k0rdent("releases", false);
export const MANAGEMENTS = k0rdent("managements", false);
export const PROVIDER_TEMPLATES = k0rdent("providertemplates", false);
export const PROVIDER_INTERFACES = k0rdent("providerinterfaces", false);
export const CLUSTER_TEMPLATES = k0rdent("clustertemplates", true);
export const TEMPLATE_CHAINS = k0rdent("clustertemplatechains", true);
export const CREDENTIALS = k0rdent("credentials", true);
export const CLUSTER_DEPLOYMENTS = k0rdent("clusterdeployments", true);
export const DEPLOYMENTS: Resource = { group: "apps", version: "v1", plural: "deployments", namespaced: true };
export const SECRETS: Resource = { group: "", version: "v1", plural: "secrets", namespaced: true };
export const CONFIG_MAPS: Resource = { group: "", version: "v1", plural: "configmaps", namespaced: true };
export const CRDS: Resource = {
  group: "apiextensions.k8s.io",
  version: "v1",
  plural: "customresourcedefinitions",
  namespaced: false,
};
export const HELM_REPOSITORIES: Resource = {
  group: "source.toolkit.fluxcd.io",
  version: "v1",
  plural: "helmrepositories",
  namespaced: true,
};

export const HELM_RELEASES: Resource = {
  group: "helm.toolkit.fluxcd.io",
  version: "v2",
  plural: "helmreleases",
  namespaced: true,
};

/** Path of a kind, in one namespace or in all. */
export function listPath(resource: Resource, namespace?: string): string {
  const root = resource.group === "" ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  return `${root}${resource.namespaced && namespace ? `/namespaces/${namespace}` : ""}/${resource.plural}`;
}

export function pathOf(resource: Resource, { metadata }: Pick<KubeObject, "metadata">): string {
  return `${listPath(resource, metadata.namespace)}/${metadata.name}`;
}

/** namespace/name, or the name of an object that has no namespace: how kcm writes it in its messages. */
export function keyOf({ namespace, name }: { namespace?: string | undefined; name: string }): string {
  return namespace ? `${namespace}/${name}` : name;
}

export interface HelmSpec {
  chartSpec?: { chart: string; version?: string; interval: string };
  chartRef?: { kind: string; name: string; namespace?: string };
}

export interface StatusCondition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason?: string;
  message?: string;
}

export type Contracts = Record<string, string>;
export type Release = KubeObject<
  {
    version: string;
    kcm: { template: string };
    capi: { template: string };
    providers?: { name: string; template: string }[];
  },
  { ready?: boolean }
>;
export type ManagementComponent = { name: string; template?: string; config?: unknown };
export type ManagementObject = KubeObject<
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
export type ProviderTemplate = KubeObject<
  { helm: HelmSpec; providers?: string[]; capiContracts?: Contracts },
  { valid?: boolean; providers?: string[]; capiContracts?: Contracts }
>;
export type ClusterTemplate = KubeObject<
  { helm: HelmSpec; providers?: string[]; providerContracts?: Contracts; k8sVersion?: string },
  { valid?: boolean; validationError?: string; providers?: string[]; providerContracts?: Contracts }
>;
export type ProviderInterface = KubeObject<{ clusterIdentityKinds?: string[]; clusterIdentities?: { kind: string }[] }>;
export type TemplateChain = KubeObject<{
  supportedTemplates?: { name: string; availableUpgrades?: { name: string }[] }[];
}>;
export type IdentityRef = { apiVersion?: string; kind?: string; name?: string; namespace?: string };
export type Credential = KubeObject<{ identityRef: IdentityRef }, { ready?: boolean }>;
export type ClusterDeployment = KubeObject<
  { template: string; credential?: string; config?: Record<string, unknown>; dryRun?: boolean },
  { conditions?: StatusCondition[]; observedGeneration?: number; availableUpgrades?: string[] }
>;
export type HelmRelease = KubeObject<{ chartRef?: HelmSpec["chartRef"]; values?: Record<string, unknown> }>;
export type Deployment = KubeObject<
  { replicas?: number; template?: { spec?: { containers?: { args?: string[] }[] } } },
  { availableReplicas?: number }
>;
