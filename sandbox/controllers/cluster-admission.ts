import { isDeepStrictEqual } from "node:util";
import { type AdmissionCaches, type AdmissionDenial, deny, denyMissing, isLine12 } from "./admission-denial.ts";
import { reviewServices } from "./service-admission.ts";
import { type ClusterDeployment, type ClusterTemplate, keyOf } from "./simulated-kinds.ts";

const denyCluster = (error: string) => deny(403, `the ClusterDeployment is invalid: ${error}`);

export function reviewCluster(caches: AdmissionCaches, cluster: ClusterDeployment): AdmissionDenial | undefined {
  const template = findTemplate(caches, cluster);
  if (!template) return templateNotFound(cluster);
  return (
    reviewTemplate(template) ??
    reviewProviders(caches, cluster, template) ??
    reviewCredential(caches, cluster, template) ??
    reviewServices(caches, cluster)
  );
}

export function reviewClusterUpdate(
  caches: AdmissionCaches,
  before: ClusterDeployment,
  cluster: ClusterDeployment,
): AdmissionDenial | undefined {
  const template = findTemplate(caches, cluster);
  if (!template) return templateNotFound(cluster);
  const [old, next] = [before.spec?.template ?? "", cluster.spec?.template ?? ""];
  if (old !== next && !(before.status?.availableUpgrades ?? []).includes(next)) {
    const warning = `Cluster can't be upgraded from ${old} to ${next}. This upgrade sequence is not allowed`;
    return deny(403, "cluster upgrade is forbidden", warning);
  }
  const upgrade = old === next ? undefined : (reviewTemplate(template) ?? reviewProviders(caches, cluster, template));
  // kcm 1.2 reviews all in every update, also in that of a finalizer.
  const isChanged = (field: (cluster: ClusterDeployment) => unknown) =>
    isLine12(caches) || !isDeepStrictEqual(field(before), field(cluster));
  return (
    upgrade ??
    (isChanged(({ spec }) => spec?.credential) ? reviewCredential(caches, cluster, template) : undefined) ??
    (isChanged(({ spec }) => spec?.serviceSpec?.services) ? reviewServices(caches, cluster) : undefined)
  );
}

/** Providers that Management does not have, from kcm 1.11 on. */
function reviewProviders(caches: AdmissionCaches, { metadata, spec }: ClusterDeployment, template: ClusterTemplate) {
  if (isLine12(caches)) return undefined;
  const warning = "Failed to validate required providers";
  const credential = spec?.credential ?? "";
  if (!caches.credentials.find(credential, metadata.namespace)) return denyMissing("Credential", credential, warning);
  const [management] = caches.managements.items;
  const missing = (template.status?.providers ?? []).filter(
    (provider) => !management?.status?.availableProviders?.includes(provider),
  );
  if (missing.length === 0) return undefined;
  const error = `one or more required providers are not deployed yet: [${missing.sort().join(" ")}]`;
  const where = `incompatible providers in Management ${management?.metadata.name}`;
  return deny(403, `failed to validate required providers: ${where}: ${error}`, warning);
}

function reviewCredential(
  caches: AdmissionCaches,
  { metadata, spec }: ClusterDeployment,
  template: ClusterTemplate,
): AdmissionDenial | undefined {
  const providers = (template.status?.providers ?? []).filter((provider) => provider.startsWith("infrastructure-"));
  if (providers.length === 0)
    return denyCluster(
      `no infrastructure providers have been found in the ClusterTemplate ${keyOf(template.metadata)}`,
    );
  const { namespace } = metadata;
  const name = spec?.credential ?? "";
  const key = keyOf({ namespace, name });
  const credential = caches.credentials.find(name, namespace);
  if (!credential) return denyMissing("Credential", name);
  if (!credential.status?.ready) return denyCluster(`the Credential ${key} is not Ready`);
  const kind = credential.spec?.identityRef.kind ?? "";
  for (const provider of providers) {
    const kinds = identityKinds(caches, provider);
    if (kinds.length === 0) return denyCluster(`unsupported infrastructure provider ${provider}`);
    if (kinds.includes(kind)) continue;
    return denyCluster(`provider ${provider} does not support ClusterIdentity Kind ${kind} from the Credential ${key}`);
  }
  return undefined;
}

/** Kinds of identity that a provider takes, from its ProviderInterface. */
function identityKinds({ providerInterfaces }: AdmissionCaches, provider: string): string[] {
  const found = providerInterfaces.items.find(
    ({ metadata }) => metadata.labels?.["cluster.x-k8s.io/provider"] === provider,
  );
  const { clusterIdentityKinds = [], clusterIdentities = [] } = found?.spec ?? {};
  return [...clusterIdentityKinds, ...clusterIdentities.map(({ kind }) => kind)];
}

function findTemplate({ clusterTemplates }: AdmissionCaches, { metadata, spec }: ClusterDeployment) {
  return clusterTemplates.find(spec?.template ?? "", metadata.namespace);
}

function templateNotFound({ spec }: ClusterDeployment): AdmissionDenial {
  return denyMissing("ClusterTemplate", spec?.template ?? "");
}

function reviewTemplate({ metadata, status }: ClusterTemplate): AdmissionDenial | undefined {
  if (status?.valid) return undefined;
  const error = status?.validationError ?? "";
  return denyCluster(`the ClusterTemplate ${keyOf(metadata)} is invalid with the error: ${error}`);
}
