import { type AdmissionCaches, type AdmissionDenial, deny, denyMissing, isLine12 } from "./admission-denial.ts";
import {
  type ClusterDeployment,
  keyOf,
  type ServiceEntry,
  type SimulatedMultiClusterService,
  type SimulatedServiceTemplate,
  type TemplateChain,
} from "./simulated-kinds.ts";

/** kcm's system namespace, where MultiClusterServices have their templates. */
const SYSTEM = "kcm-system";

/**
 * The services of an object, in kcm's words. A template's range of Kubernetes versions is not looked at, since no chart is read here.
 */
export function reviewServices(
  caches: AdmissionCaches,
  { kind, metadata, spec }: ClusterDeployment | SimulatedMultiClusterService,
): AdmissionDenial | undefined {
  const services = spec?.serviceSpec?.services ?? [];
  const namespace = kind === "MultiClusterService" ? SYSTEM : (metadata.namespace ?? "");
  const denyServices = (errors: readonly string[]) =>
    errors.length === 0 ? undefined : deny(403, `the ${kind} is invalid: ${errors.join("\n")}`);
  const foreign =
    kind === "ClusterDeployment" && isLine12(caches)
      ? services.flatMap((service) => foreignValues(service, namespace))
      : [];
  if (foreign.length > 0) return denyServices(foreign);
  const errors = services.flatMap((service) => templateErrors(caches, service, namespace));
  const [missing] = errors.filter((error) => typeof error !== "string");
  if (missing) return missing;
  if (isLine12(caches)) return denyServices(errors as string[]);
  if (errors.length > 0) return denyServices(["some services have invalid templates", ...(errors as string[])]);
  const dependencies = dependencyError(services);
  return dependencies === undefined
    ? undefined
    : denyServices(["some services have invalid dependencies", dependencies]);
}

/** kcm 1.11 has no webhook for it, and reports a condition. */
export function reviewMultiClusterService(caches: AdmissionCaches, service: SimulatedMultiClusterService) {
  return isLine12(caches) ? reviewServices(caches, service) : undefined;
}

/** Values of another namespace, which the entries of kcm 1.2 can name. */
function foreignValues({ valuesFrom = [] }: ServiceEntry, own: string): string[] {
  return valuesFrom
    .filter(({ namespace = own }) => namespace !== own)
    .map(
      ({ kind, name, namespace }) =>
        `cross-namespace service values references are disallowed, ${kind} ${name}'s namespace ${namespace}, obj's namespace ${own}`,
    );
}

function templateErrors(
  caches: AdmissionCaches,
  { template, templateChain }: ServiceEntry,
  namespace: string,
): (string | AdmissionDenial)[] {
  const found = caches.serviceTemplates.find(template, namespace);
  if (!found) return [denyMissing("ServiceTemplate", template)];
  const errors = invalid("ServiceTemplate", found);
  if (!templateChain) return errors;
  const chain = caches.serviceChains.find(templateChain, namespace);
  if (!chain) return [...errors, denyMissing("ServiceTemplateChain", templateChain)];
  if (!chain.status?.valid) return [...errors, ...invalid("ServiceTemplateChain", chain)];
  const isSupported = (chain.spec?.supportedTemplates ?? []).some(({ name }) => name === template);
  if (isSupported) return errors;
  return [...errors, `the ServiceTemplateChain ${keyOf(chain.metadata)} does not support ServiceTemplate ${template}`];
}

function invalid(kind: string, { metadata, status }: SimulatedServiceTemplate | TemplateChain): string[] {
  if (status?.valid) return [];
  return [`the ${kind} ${keyOf(metadata)} is invalid with the error: ${status?.validationError ?? ""}`];
}

/** A dependency that is not there, or one that leads back; of kcm 1.11. */
function dependencyError(services: readonly ServiceEntry[]): string | undefined {
  const key = ({ name, namespace = "default" }: { name: string; namespace?: string }) => keyOf({ namespace, name });
  const graph = new Map(services.map((service) => [key(service), (service.dependsOn ?? []).map(key)]));
  for (const [service, dependencies] of graph) {
    const missing = dependencies.find((one) => !graph.has(one));
    if (missing)
      return `failed service dependency validation: dependency ${missing} of service ${service} is not defined as a service`;
  }
  const leadsTo = (from: string, to: string, seen: ReadonlySet<string> = new Set()): boolean =>
    (graph.get(from) ?? []).some(
      (next) => next === to || (!seen.has(next) && leadsTo(next, to, new Set(seen).add(next))),
    );
  const cycle = [...graph.keys()].find((service) => leadsTo(service, service));
  return cycle && `failed service dependency cycle validation: dependency cycle detected at ${cycle}`;
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
  if (metadata.namespace !== SYSTEM) return undefined;
  const users = multiClusterServices.items.filter(uses).map((one) => one.metadata.name);
  if (users.length === 0) return undefined;
  const warning = `The ${metadata.name} ServiceTemplate object can't be removed if MultiClusterService objects [${users.join(",")}] referencing it still exist`;
  return deny(403, "template deletion is forbidden", warning);
}
