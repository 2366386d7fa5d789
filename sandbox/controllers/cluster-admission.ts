import { type AdmissionCaches, type AdmissionDenial, deny } from "./admission-denial.ts";
import { type ClusterDeployment, type ClusterTemplate, keyOf } from "./simulated-kinds.ts";

const denyCluster = (error: string, code: 403 | 404 = 403) => deny(code, `the ClusterDeployment is invalid: ${error}`);

export function reviewCluster(caches: AdmissionCaches, cluster: ClusterDeployment): AdmissionDenial | undefined {
  const template = findTemplate(caches, cluster);
  if (!template) return templateNotFound(cluster);
  return reviewTemplate(template) ?? reviewCredential(caches, cluster, template);
}

export function reviewClusterUpdate(
  caches: AdmissionCaches,
  before: ClusterDeployment,
  cluster: ClusterDeployment,
): AdmissionDenial | undefined {
  const template = findTemplate(caches, cluster);
  if (!template) return templateNotFound(cluster);
  const [old, next] = [before.spec?.template ?? "", cluster.spec?.template ?? ""];
  if (old === next) return reviewCredential(caches, cluster, template);
  if (!(before.status?.availableUpgrades ?? []).includes(next)) {
    const warning = `Cluster can't be upgraded from ${old} to ${next}. This upgrade sequence is not allowed`;
    return deny(403, "cluster upgrade is forbidden", warning);
  }
  return reviewTemplate(template) ?? reviewCredential(caches, cluster, template);
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
  if (!credential) {
    const error = `failed to get Credential ${key} referred in the ClusterDeployment ${keyOf(metadata)}`;
    return denyCluster(`${error}: Credential.k0rdent.mirantis.com "${name}" not found`, 404);
  }
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
  return denyCluster(`ClusterTemplate.k0rdent.mirantis.com "${spec?.template}" not found`, 404);
}

function reviewTemplate({ metadata, status }: ClusterTemplate): AdmissionDenial | undefined {
  if (status?.valid) return undefined;
  const error = status?.validationError ?? "";
  return denyCluster(`the ClusterTemplate ${keyOf(metadata)} is invalid with the error: ${error}`);
}
