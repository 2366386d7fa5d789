/** The package's entry: the components and the types of their arguments. */

export type { ApiAccess } from "../kubernetes/transport.ts";
export type { Capacity } from "../manifests/cluster-capacity.ts";
export type { Config } from "../manifests/cluster-config.ts";
export type { ChartSource, ProviderEntry } from "../manifests/management-object.ts";
export type { Mode } from "../manifests/names.ts";
export type { PolicySettings } from "../policy/rules/rule.ts";
export type { CapxInput } from "../schema/capx-settings.ts";
export type { ClusterInput } from "../schema/cluster.ts";
export type { ManagementInput } from "../schema/management-settings.ts";
export type { PrismCentralInput } from "../schema/prism-central-settings.ts";
export type { MultiClusterServiceInput, ServiceTemplateInput } from "../schema/services.ts";
export { Capx, type CapxArgs } from "./capx.ts";
export { GeneratedPassword, type GeneratedPasswordArgs } from "./internal/generated-password.ts";
export { Kcm, type KcmArgs } from "./kcm.ts";
export { Management, type ManagementArgs } from "./management.ts";
export { ManagementConnection } from "./management-connection.ts";
export { MultiClusterService, type MultiClusterServiceArgs } from "./multi-cluster-service.ts";
export { NutanixCredential, type NutanixCredentialArgs } from "./nutanix-credential.ts";
export { NutanixK0sCluster, type NutanixK0sClusterArgs } from "./nutanix-k0s-cluster.ts";
export { NutanixPlatform, type NutanixPlatformArgs, type PrismCentralAccount } from "./nutanix-platform.ts";
export { ServiceTemplates, type ServiceTemplatesArgs } from "./service-templates.ts";
export { TrustBundle, type TrustBundleArgs } from "./trust-bundle.ts";
