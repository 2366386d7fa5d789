import { type AdmissionCaches, type AdmissionDenial, deny } from "./admission-denial.ts";
import {
  type ClusterDeployment,
  keyOf,
  type ServiceEntry,
  type SimulatedMultiClusterService,
  type SimulatedServiceTemplate,
} from "./simulated-kinds.ts";

/** kcm's system namespace, where MultiClusterServices have their templates. */
const SYSTEM = "kcm-system";

/** The services of a cluster that is otherwise admitted; one that is being deleted is not asked again. */
export function reviewClusterServices(caches: AdmissionCaches, { metadata, spec }: ClusterDeployment) {
  if (metadata.deletionTimestamp) return undefined;
  const services = spec?.serviceSpec?.services ?? [];
  return reviewServices(caches, services, { namespace: metadata.namespace ?? "", kind: "ClusterDeployment" });
}

export function reviewMultiClusterService(caches: AdmissionCaches, { metadata, spec }: SimulatedMultiClusterService) {
  if (metadata.deletionTimestamp) return undefined;
  const services = spec?.serviceSpec?.services ?? [];
  return reviewServices(caches, services, { namespace: SYSTEM, kind: "MultiClusterService" });
}

function reviewServices(
  caches: AdmissionCaches,
  services: readonly ServiceEntry[],
  { namespace, kind }: { namespace: string; kind: string },
): AdmissionDenial | undefined {
  const errors = services.flatMap((service) => serviceErrors(caches, service, namespace));
  return errors.length === 0 ? undefined : deny(403, `the ${kind} is invalid: ${errors.join("\n")}`);
}

/** What kcm says of a service, in its words. */
function serviceErrors(
  caches: AdmissionCaches,
  { template, templateChain }: ServiceEntry,
  namespace: string,
): string[] {
  const key = keyOf({ namespace, name: template });
  const found = caches.serviceTemplates.find(template, namespace);
  const errors: string[] = [];
  if (!found) errors.push(`failed to get ServiceTemplate ${key}: ${notFound("ServiceTemplate", template)}`);
  else if (!found.status?.valid)
    errors.push(`the ServiceTemplate ${key} is invalid with the error: ${found.status?.validationError ?? ""}`);
  if (!templateChain) return errors;
  const chainKey = keyOf({ namespace, name: templateChain });
  const chain = caches.serviceChains.find(templateChain, namespace);
  if (!chain)
    return [
      ...errors,
      `failed to get ServiceTemplateChain ${chainKey}: ${notFound("ServiceTemplateChain", templateChain)}`,
    ];
  if (!chain.status?.valid)
    return [
      ...errors,
      `the ServiceTemplateChain ${chainKey} is invalid with the error: ${chain.status?.validationError ?? ""}`,
    ];
  const isSupported = (chain.spec?.supportedTemplates ?? []).some(({ name }) => name === template);
  return isSupported
    ? errors
    : [...errors, `the ServiceTemplateChain ${chainKey} does not support ServiceTemplate ${template}`];
}

function notFound(kind: string, name: string): string {
  return `${kind}.k0rdent.mirantis.com "${name}" not found`;
}

export function reviewServiceTemplateDeletion(
  { clusterDeployments, multiClusterServices }: AdmissionCaches,
  { metadata }: SimulatedServiceTemplate,
): AdmissionDenial | undefined {
  const uses = ({ spec }: SimulatedMultiClusterService | ClusterDeployment) =>
    (spec?.serviceSpec?.services ?? []).some(({ template }) => template === metadata.name);
  if (clusterDeployments.items.some((one) => one.metadata.namespace === metadata.namespace && uses(one))) {
    const warning =
      "The ServiceTemplate object can't be removed if ClusterDeployment objects referencing it still exist";
    return deny(403, "template deletion is forbidden", warning);
  }
  const users = multiClusterServices.items.filter(uses).map((one) => one.metadata.name);
  if (users.length === 0) return undefined;
  const warning = `The ${metadata.name} ServiceTemplate object can't be removed if MultiClusterService objects [${users.join(",")}] referencing it still exist`;
  return deny(403, "template deletion is forbidden", warning);
}
