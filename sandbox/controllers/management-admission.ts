import { type AdmissionCaches, type AdmissionDenial, deny, denyMissing } from "./admission-denial.ts";
import { templatesOf } from "./release-controller.ts";
import type { ClusterTemplate, ManagementObject, ProviderTemplate, Release, TemplateChain } from "./simulated-kinds.ts";

const denyField = ({ metadata }: ManagementObject, field: string, error: string, warning?: string) =>
  deny(422, `Management.k0rdent.mirantis.com "${metadata.name}" is invalid: ${field}: Forbidden: ${error}`, warning);

export function reviewManagement({ releases }: AdmissionCaches, management: ManagementObject) {
  const name = management.spec?.release ?? "";
  const release = releases.find(name);
  if (release?.status?.ready) return undefined;
  const error = release ? `release "${name}" status is not ready` : `Release.k0rdent.mirantis.com "${name}" not found`;
  return denyField(management, "spec.release", error);
}

export function reviewManagementUpdate(
  caches: AdmissionCaches,
  before: ManagementObject,
  after: ManagementObject,
): AdmissionDenial | undefined {
  if (after.metadata.deletionTimestamp) return undefined;
  const denial = before.spec?.release === after.spec?.release ? undefined : reviewManagement(caches, after);
  if (denial) return denial;
  const names = new Set((after.spec?.providers ?? []).map(({ name }) => name));
  const release = caches.releases.find(after.spec?.release ?? "")?.spec;
  const used = (before.spec?.providers ?? [])
    .filter(({ name }) => !names.has(name))
    .map(({ name, template }) => template || release?.providers?.find((one) => one.name === name)?.template || "")
    .flatMap((template) => caches.providerTemplates.find(template)?.status?.providers ?? [])
    .filter((provider) => isUsed(caches, provider));
  if (used.length === 0) return reviewProviders(caches, after);
  const which = used.length === 1 ? `provider ${used[0]} is` : `providers ${used.join(",")} are`;
  const error = `${which} required by at least one ClusterDeployment and cannot be removed from the Management ${after.metadata.name}`;
  return denyField(after, "spec.providers", error, "Some of the providers cannot be removed");
}

/** A provider whose template is missing, or has contracts and is not valid yet. */
function reviewProviders({ providerTemplates }: AdmissionCaches, { spec }: ManagementObject) {
  for (const { template } of spec?.providers ?? []) {
    if (!template) continue;
    const found = providerTemplates.find(template);
    if (!found) return denyMissing("ProviderTemplate", template);
    if (Object.keys(found.status?.capiContracts ?? {}).length > 0 && !found.status?.valid)
      return deny(403, `the Management is invalid: not valid ProviderTemplate ${template}: provider is not yet ready`);
  }
  return undefined;
}

function isUsed({ clusterTemplates, clusterDeployments }: AdmissionCaches, provider: string): boolean {
  return clusterDeployments.items.some(({ metadata, spec }) =>
    clusterTemplates.find(spec?.template ?? "", metadata.namespace)?.status?.providers?.includes(provider),
  );
}

export function reviewManagementDeletion({ clusterDeployments }: AdmissionCaches) {
  if (clusterDeployments.items.length === 0) return undefined;
  const warning = "The Management object can't be removed if ClusterDeployment objects still exist";
  return deny(403, "management deletion is forbidden", warning);
}

export function reviewClusterTemplateDeletion({ clusterDeployments }: AdmissionCaches, { metadata }: ClusterTemplate) {
  const isReferenced = clusterDeployments.items.some(
    (cluster) => cluster.metadata.namespace === metadata.namespace && cluster.spec?.template === metadata.name,
  );
  if (!isReferenced) return undefined;
  const warning = "The ClusterTemplate object can't be removed if ClusterDeployment objects referencing it still exist";
  return deny(403, "template deletion is forbidden", warning);
}

export function reviewProviderTemplateDeletion(
  { managements, releases }: AdmissionCaches,
  { metadata: { name, ownerReferences = [] } }: ProviderTemplate,
): AdmissionDenial | undefined {
  const denyDeletion = (usage: string) =>
    deny(403, "template deletion is forbidden", `The ProviderTemplate ${name} cannot be removed while it is ${usage}`);
  const owners = ownerReferences.filter((owner) => owner.kind === "Release" && releases.find(owner.name));
  if (owners.length > 0)
    return denyDeletion(`part of existing Releases: ${owners.map((owner) => owner.name).join(", ")}`);
  return templatesIn(managements.items[0]).includes(name) ? denyDeletion("used in the Management spec") : undefined;
}

export function reviewReleaseDeletion({ managements }: AdmissionCaches, release: Release) {
  const [management] = managements.items;
  if (management?.spec?.release === release.metadata.name)
    return deny(403, `release ${release.metadata.name} is still in use`);
  const used = templatesIn(management).filter((name) => templatesOf(release).includes(name));
  if (used.length === 0) return undefined;
  const error = "the following ProviderTemplates associated with the Release are still in use";
  return deny(403, `${error}: ${used.join(", ")}`);
}

function templatesIn(management: ManagementObject | undefined): string[] {
  const { core, providers = [] } = management?.spec ?? {};
  const names = [core?.kcm?.template, core?.capi?.template, ...providers.map(({ template }) => template)];
  return names.filter((name) => name !== undefined);
}

export function reviewChain({ spec }: TemplateChain): AdmissionDenial | undefined {
  const supported = spec?.supportedTemplates ?? [];
  const names = new Set(supported.map(({ name }) => name));
  const unknown = supported
    .flatMap(({ availableUpgrades = [] }) => availableUpgrades)
    .find(({ name }) => !names.has(name));
  if (!unknown) return undefined;
  const warning = `template ${unknown.name} is allowed for upgrade but is not present in the list of '.spec.supportedTemplates'`;
  return deny(403, "the template chain spec is invalid", warning);
}
