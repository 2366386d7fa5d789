/** Services in kcm's words: the templates of their charts, and the part of a ClusterDeployment or MultiClusterService. */
import { createHash } from "node:crypto";
import { stringify } from "yaml";
import {
  compareMinors,
  compareVersions,
  DEFAULT_KCM_VERSION,
  FIRST_KCM_WITH_SERVICE_ORDER,
  minorOf,
} from "../policy/rules/versions.ts";
import type {
  MultiClusterServiceSpec,
  Service,
  ServiceSettings,
  Services,
  ServiceTemplate,
} from "../schema/services.ts";
import { KCM_COMPONENT, type Manifest } from "./manifest.ts";
import { NAMESPACE, templateName } from "./names.ts";

/** Charts that services are installed from, by the names of their entries. */
export type ServiceTemplateSpecs = Readonly<Record<string, ServiceTemplate>>;

/** What a service refers to outside its cluster. */
export interface ServiceContext {
  readonly serviceTemplates: ServiceTemplateSpecs;
  readonly kcmVersion: string;
}

const NO_SERVICES: ServiceContext = { serviceTemplates: {}, kcmVersion: DEFAULT_KCM_VERSION };

const K0RDENT = "k0rdent.mirantis.com/v1beta1";

/** The objects of one entry: where its chart comes from, a template for each version, and the order of upgrades. */
export interface ServiceTemplateManifests {
  readonly repository: Manifest;
  readonly templates: readonly Manifest[];
  readonly chain: Manifest;
}

export function serviceTemplateManifests(entry: string, spec: ServiceTemplate): ServiceTemplateManifests {
  const { repository: url, secretName } = spec;
  const name = repositoryName(entry);
  return {
    repository: {
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "HelmRepository",
      metadata: { name, namespace: NAMESPACE, labels: KCM_COMPONENT },
      spec: {
        interval: "10m0s",
        ...(url.startsWith("oci://") ? { type: "oci" } : {}),
        url,
        ...(secretName === undefined ? {} : { secretRef: { name: secretName } }),
      },
    },
    templates: ascending(spec).map((version) => ({
      apiVersion: K0RDENT,
      kind: "ServiceTemplate",
      metadata: { name: templateName(entry, version), namespace: NAMESPACE, labels: KCM_COMPONENT },
      spec: {
        helm: {
          chartSpec: {
            chart: spec.chart ?? entry,
            version,
            // As the controller spells it: a spec that it writes back otherwise is another one, and specs are immutable.
            interval: "10m0s",
            reconcileStrategy: "ChartVersion",
            sourceRef: { kind: "HelmRepository", name },
          },
        },
      },
    })),
    chain: {
      apiVersion: K0RDENT,
      kind: "ServiceTemplateChain",
      metadata: { name: chainName(entry, spec), namespace: NAMESPACE, labels: KCM_COMPONENT },
      spec: {
        supportedTemplates: ascending(spec).map((version, index, all) => {
          const next = all[index + 1];
          const name = templateName(entry, version);
          return next === undefined ? { name } : { name, availableUpgrades: [{ name: templateName(entry, next) }] };
        }),
      },
    },
  };
}

function repositoryName(entry: string): string {
  return `services-${entry}`;
}

/** A chain's spec is immutable: other versions are another chain. */
function chainName(entry: string, spec: ServiceTemplate): string {
  const hash = createHash("sha256").update(ascending(spec).join(" ")).digest("hex").slice(0, 8);
  return `${entry}-${hash}`;
}

function ascending({ versions }: ServiceTemplate): string[] {
  return [...versions].sort(compareVersions);
}

/** `serviceSpec` of a ClusterDeployment or a MultiClusterService. */
export function serviceSpec(
  services: Services,
  settings: ServiceSettings | undefined,
  context: ServiceContext = NO_SERVICES,
) {
  return { ...settings, services: inOrder(services).map((name) => serviceEntry(name, services, context)) };
}

function serviceEntry(name: string, services: Services, { serviceTemplates, kcmVersion }: ServiceContext) {
  const service = services[name] ?? {};
  const { values, valuesFrom, dependsOn, existingTemplate } = service;
  const waits = compareMinors(minorOf(kcmVersion), FIRST_KCM_WITH_SERVICE_ORDER) >= 0;
  return {
    name,
    namespace: namespaceOf(name, services),
    ...(existingTemplate === undefined ? templateOf(name, service, serviceTemplates) : { template: existingTemplate }),
    ...(values === undefined ? {} : { values: stringify(values) }),
    ...(valuesFrom === undefined ? {} : { valuesFrom }),
    ...(waits && dependsOn !== undefined
      ? { dependsOn: dependsOn.map((other) => ({ name: other, namespace: namespaceOf(other, services) })) }
      : {}),
  };
}

function namespaceOf(name: string, services: Services): string {
  return services[name]?.namespace ?? name;
}

function templateOf(name: string, { template = name, version }: Service, templates: ServiceTemplateSpecs) {
  const spec = templates[template];
  const used = version ?? (spec && ascending(spec).at(-1));
  // References are checked elsewhere, and all errors are reported at once.
  if (spec === undefined || used === undefined) return { template };
  return { template: templateName(template, used), templateChain: chainName(template, spec) };
}

/** Each service after those that it depends on, else by name: the order in which Sveltos installs them. */
function inOrder(services: Services): string[] {
  const ordered = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (services[name] === undefined || ordered.has(name) || path.includes(name)) return;
    for (const other of [...(services[name].dependsOn ?? [])].sort()) visit(other, [...path, name]);
    ordered.add(name);
  };
  for (const name of Object.keys(services).sort()) visit(name, []);
  return [...ordered];
}

/** The MultiClusterService of an entry. */
export function multiClusterService(name: string, spec: MultiClusterServiceSpec, context: ServiceContext): Manifest {
  return {
    apiVersion: K0RDENT,
    kind: "MultiClusterService",
    metadata: { name, labels: KCM_COMPONENT },
    spec: {
      clusterSelector: { matchLabels: spec.clusterLabels },
      serviceSpec: serviceSpec(spec.services, spec.serviceSettings, context),
    },
  };
}
