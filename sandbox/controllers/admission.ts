import type { Informers } from "./informers.ts";
import type {
  ClusterDeployment,
  ClusterTemplate,
  ManagementObject,
  ProviderTemplate,
  Release,
  TemplateChain,
} from "./played-kinds.ts";
import { keyOf } from "./played-kinds.ts";
import { templatesOf } from "./release-controller.ts";

/** kcm's refusal: its code, reason and text. */
export interface AdmissionDenial {
  code: number;
  reason: "NotFound" | "Forbidden" | "Invalid";
  message: string;
  warning?: string;
}

export interface AdmissionRequest {
  uid: string;
  operation: "CREATE" | "UPDATE" | "DELETE";
  kind: { kind: string };
  object?: unknown;
  oldObject?: unknown;
}

/** What a rule looks at; the informers's caches, or lists in a test. */
export type AdmissionCaches = Pick<
  Informers,
  | "clusterDeployments"
  | "clusterTemplates"
  | "credentials"
  | "managements"
  | "providerInterfaces"
  | "providerTemplates"
  | "releases"
>;

const INVALID_CLUSTER = "the ClusterDeployment is invalid";
const forbidden = (message: string, warning?: string): AdmissionDenial => ({
  code: 403,
  reason: "Forbidden",
  message,
  ...(warning ? { warning } : {}),
});

/** kcm's admission of what its caches show. Undefined: admitted. */
export function review(caches: AdmissionCaches, request: AdmissionRequest): AdmissionDenial | undefined {
  switch (`${request.operation} ${request.kind.kind}`) {
    case "CREATE ClusterDeployment":
      return admitCluster(caches, request.object as ClusterDeployment);
    case "UPDATE ClusterDeployment":
      return admitClusterUpdate(caches, request.oldObject as ClusterDeployment, request.object as ClusterDeployment);
    case "CREATE Management":
      return admitRelease(caches, request.object as ManagementObject);
    case "UPDATE Management":
      return admitManagementUpdate(caches, request.oldObject as ManagementObject, request.object as ManagementObject);
    case "DELETE Management":
      return admitManagementDeletion(caches);
    case "DELETE ClusterTemplate":
      return admitClusterTemplateDeletion(caches, request.oldObject as ClusterTemplate);
    case "DELETE ProviderTemplate":
      return admitProviderTemplateDeletion(caches, request.oldObject as ProviderTemplate);
    case "DELETE Release":
      return admitReleaseDeletion(caches, request.oldObject as Release);
    case "CREATE ClusterTemplateChain":
      return admitChain(request.object as TemplateChain);
    default:
      return undefined;
  }
}

function admitCluster(caches: AdmissionCaches, cluster: ClusterDeployment): AdmissionDenial | undefined {
  const template = findTemplate(caches, cluster);
  if (!template) return templateNotFound(cluster);
  return invalidTemplate(template) ?? admitCredential(caches, cluster, template);
}

function admitClusterUpdate(
  caches: AdmissionCaches,
  before: ClusterDeployment,
  cluster: ClusterDeployment,
): AdmissionDenial | undefined {
  const template = findTemplate(caches, cluster);
  if (!template) return templateNotFound(cluster);
  const [old, next] = [before.spec?.template ?? "", cluster.spec?.template ?? ""];
  if (old !== next) {
    if (!(before.status?.availableUpgrades ?? []).includes(next)) {
      const warning = `Cluster can't be upgraded from ${old} to ${next}. This upgrade sequence is not allowed`;
      return forbidden("cluster upgrade is forbidden", warning);
    }
    const refusal = invalidTemplate(template);
    if (refusal) return refusal;
  }
  return admitCredential(caches, cluster, template);
}

function admitCredential(
  caches: AdmissionCaches,
  cluster: ClusterDeployment,
  template: ClusterTemplate,
): AdmissionDenial | undefined {
  const providers = (template.status?.providers ?? []).filter((name) => name.startsWith("infrastructure-"));
  if (providers.length === 0) {
    return denyCluster(
      `no infrastructure providers have been found in the ClusterTemplate ${keyOf(template.metadata)}`,
    );
  }
  const name = cluster.spec?.credential ?? "";
  const namespace = cluster.metadata.namespace;
  const key = keyOf({ namespace, name });
  const credential = caches.credentials.find(name, namespace);
  if (!credential) {
    const text = `failed to get Credential ${key} referred in the ClusterDeployment ${keyOf(cluster.metadata)}: Credential.k0rdent.mirantis.com "${name}" not found`;
    return { code: 404, reason: "NotFound", message: `${INVALID_CLUSTER}: ${text}` };
  }
  if (!credential.status?.ready) return denyCluster(`the Credential ${key} is not Ready`);
  const kind = credential.spec?.identityRef.kind ?? "";
  for (const provider of providers) {
    const kinds = identityKinds(caches, provider);
    if (kinds.length === 0) return denyCluster(`unsupported infrastructure provider ${provider}`);
    if (!kinds.includes(kind)) {
      return denyCluster(
        `provider ${provider} does not support ClusterIdentity Kind ${kind} from the Credential ${key}`,
      );
    }
  }
  return undefined;
}

/** Kinds of identity that a provider takes, from its ProviderInterface. */
function identityKinds({ providerInterfaces }: AdmissionCaches, provider: string): string[] {
  const found = providerInterfaces.items.find(
    ({ metadata }) => metadata.labels?.["cluster.x-k8s.io/provider"] === provider,
  );
  return [
    ...(found?.spec?.clusterIdentityKinds ?? []),
    ...(found?.spec?.clusterIdentities ?? []).map(({ kind }) => kind),
  ];
}

function admitRelease(
  { releases }: AdmissionCaches,
  { metadata, spec }: ManagementObject,
): AdmissionDenial | undefined {
  const name = spec?.release ?? "";
  const release = releases.find(name);
  if (release?.status?.ready) return undefined;
  const fault = release ? `release "${name}" status is not ready` : `Release.k0rdent.mirantis.com "${name}" not found`;
  const message = `Management.k0rdent.mirantis.com "${metadata.name}" is invalid: spec.release: Forbidden: ${fault}`;
  return { code: 422, reason: "Invalid", message };
}

function admitManagementUpdate(
  caches: AdmissionCaches,
  before: ManagementObject,
  after: ManagementObject,
): AdmissionDenial | undefined {
  if (after.metadata.deletionTimestamp) return undefined;
  const refusal = before.spec?.release === after.spec?.release ? undefined : admitRelease(caches, after);
  if (refusal) return refusal;
  const kept = new Set((after.spec?.providers ?? []).map(({ name }) => name));
  const release = caches.releases.find(after.spec?.release ?? "")?.spec;
  const used = (before.spec?.providers ?? [])
    .filter(({ name }) => !kept.has(name))
    .map(
      ({ name, template }) =>
        template || release?.providers?.find((provider) => provider.name === name)?.template || "",
    )
    .flatMap((template) => caches.providerTemplates.find(template)?.status?.providers ?? [])
    .filter((provider) => isUsed(caches, provider));
  if (used.length > 0) {
    const which = used.length === 1 ? `provider ${used[0]} is` : `providers ${used.join(",")} are`;
    const fault = `${which} required by at least one ClusterDeployment and cannot be removed from the Management ${after.metadata.name}`;
    const message = `Management.k0rdent.mirantis.com "${after.metadata.name}" is invalid: spec.providers: Forbidden: ${fault}`;
    return { code: 422, reason: "Invalid", message, warning: "Some of the providers cannot be removed" };
  }
  return denyUnusableTemplate(caches, after);
}

/** A provider whose template is missing, or has contracts and is not valid yet. */
function denyUnusableTemplate(caches: AdmissionCaches, { spec }: ManagementObject): AdmissionDenial | undefined {
  for (const { template } of spec?.providers ?? []) {
    if (!template) continue;
    const found = caches.providerTemplates.find(template);
    if (!found) {
      const text = `failed to get ProviderTemplate ${template}: ProviderTemplate.k0rdent.mirantis.com "${template}" not found`;
      return { code: 404, reason: "NotFound", message: `the Management is invalid: ${text}` };
    }
    if (Object.keys(found.status?.capiContracts ?? {}).length > 0 && !found.status?.valid) {
      return forbidden(`the Management is invalid: not valid ProviderTemplate ${template}: provider is not yet ready`);
    }
  }
  return undefined;
}

function isUsed({ clusterTemplates, clusterDeployments }: AdmissionCaches, provider: string): boolean {
  return clusterDeployments.items.some(({ metadata, spec }) =>
    clusterTemplates.find(spec?.template ?? "", metadata.namespace)?.status?.providers?.includes(provider),
  );
}

function admitManagementDeletion({ clusterDeployments }: AdmissionCaches): AdmissionDenial | undefined {
  if (clusterDeployments.items.length === 0) return undefined;
  return forbidden(
    "management deletion is forbidden",
    "The Management object can't be removed if ClusterDeployment objects still exist",
  );
}

function admitClusterTemplateDeletion(
  { clusterDeployments }: AdmissionCaches,
  { metadata }: ClusterTemplate,
): AdmissionDenial | undefined {
  const used = clusterDeployments.items.some(
    (cluster) => cluster.metadata.namespace === metadata.namespace && cluster.spec?.template === metadata.name,
  );
  if (!used) return undefined;
  const warning = "The ClusterTemplate object can't be removed if ClusterDeployment objects referencing it still exist";
  return forbidden("template deletion is forbidden", warning);
}

function admitProviderTemplateDeletion(
  { managements, releases }: AdmissionCaches,
  { metadata }: ProviderTemplate,
): AdmissionDenial | undefined {
  const owners = (metadata.ownerReferences ?? [])
    .filter(({ kind, name }) => kind === "Release" && releases.find(name))
    .map(({ name }) => name);
  if (owners.length > 0) {
    const warning = `The ProviderTemplate ${metadata.name} cannot be removed while it is part of existing Releases: ${owners.join(", ")}`;
    return forbidden("template deletion is forbidden", warning);
  }
  const [management] = managements.items;
  if (!management || !templatesIn(management).includes(metadata.name)) return undefined;
  const warning = `The ProviderTemplate ${metadata.name} cannot be removed while it is used in the Management spec`;
  return forbidden("template deletion is forbidden", warning);
}

function templatesIn({ spec }: ManagementObject): string[] {
  const names = [
    spec?.core?.kcm?.template,
    spec?.core?.capi?.template,
    ...(spec?.providers ?? []).map(({ template }) => template),
  ];
  return names.filter((name) => name !== undefined);
}

function admitReleaseDeletion({ managements }: AdmissionCaches, release: Release): AdmissionDenial | undefined {
  const [management] = managements.items;
  if (!management) return undefined;
  if (management.spec?.release === release.metadata.name)
    return forbidden(`release ${release.metadata.name} is still in use`);
  const own = templatesOf(release);
  const used = templatesIn(management).filter((name) => own.includes(name));
  if (used.length === 0) return undefined;
  return forbidden(`the following ProviderTemplates associated with the Release are still in use: ${used.join(", ")}`);
}

function admitChain({ spec }: TemplateChain): AdmissionDenial | undefined {
  const supported = spec?.supportedTemplates ?? [];
  const names = new Set(supported.map(({ name }) => name));
  for (const { name, availableUpgrades = [] } of supported) {
    const unknown = availableUpgrades.find((upgrade) => !names.has(upgrade.name));
    if (!unknown) continue;
    const warning = `template ${unknown.name} is allowed for upgrade from ${name} but is not present in the list of '.spec.supportedTemplates'`;
    return forbidden("the template chain spec is invalid", warning);
  }
  return undefined;
}

function findTemplate(
  { clusterTemplates }: AdmissionCaches,
  { metadata, spec }: ClusterDeployment,
): ClusterTemplate | undefined {
  return clusterTemplates.find(spec?.template ?? "", metadata.namespace);
}

function templateNotFound({ spec }: ClusterDeployment): AdmissionDenial {
  const message = `${INVALID_CLUSTER}: ClusterTemplate.k0rdent.mirantis.com "${spec?.template}" not found`;
  return { code: 404, reason: "NotFound", message };
}

function invalidTemplate({ metadata, status }: ClusterTemplate): AdmissionDenial | undefined {
  if (status?.valid) return undefined;
  return denyCluster(
    `the ClusterTemplate ${keyOf(metadata)} is invalid with the error: ${status?.validationError ?? ""}`,
  );
}

function denyCluster(fault: string): AdmissionDenial {
  return forbidden(`${INVALID_CLUSTER}: ${fault}`);
}
