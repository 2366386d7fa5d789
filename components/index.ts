/** The package's entry: the components, each usable on its own, and the types of their arguments. */

export type { Capacity } from "../manifests/capacity.ts";
export type { Config } from "../manifests/cluster-config.ts";
export type { ProviderEntry } from "../manifests/management.ts";
export type { Mode } from "../manifests/names.ts";
export type { Settings } from "../policy/rules/rule.ts";
export type { ClusterInput } from "../schema/cluster.ts";
export type { PrismCentralInput } from "../schema/prism-central.ts";
export { GeneratedPassword, type GeneratedPasswordArgs } from "./generated-password.ts";
export { KCM_CHART, Kcm, type KcmArgs } from "./kcm.ts";
export type { Access } from "./kubernetes-api.ts";
export { Management, type ManagementArgs } from "./management.ts";
export { ManagementCluster } from "./management-cluster.ts";
export { NutanixCredential, type NutanixCredentialArgs } from "./nutanix-credential.ts";
export { NutanixK0sCluster, type NutanixK0sClusterArgs } from "./nutanix-k0s-cluster.ts";
export { NutanixProvider, type NutanixProviderArgs } from "./nutanix-provider.ts";
export { TrustBundle, type TrustBundleArgs } from "./trust-bundle.ts";
