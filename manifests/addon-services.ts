/** Nutanix's addons as services: the charts that the cluster chart would have k0s install. */
import { createHash } from "node:crypto";
import { DEFAULT_CCM, DEFAULT_CSI } from "../policy/rules/versions.ts";
import type { Violation } from "../policy/rules/violation.ts";
import type { Cluster } from "../schema/cluster.ts";
import { clusterServiceViolations } from "../schema/service-references.ts";
import type { Services, ServiceTemplate } from "../schema/services.ts";
import { clusterNames } from "./names.ts";
import type { ServiceContext, ServiceTemplateSpecs } from "./services.ts";

const ADDONS = {
  ccm: { chart: "nutanix-cloud-provider", namespace: "kube-system", repository: DEFAULT_CCM.repository },
  csi: { chart: "nutanix-csi-storage", namespace: "ntnx-system", repository: DEFAULT_CSI.repository },
} as const;
type AddonName = keyof typeof ADDONS;

/** Release of an addon, as k0s would name it. */
function addonService(name: AddonName): string {
  return `nutanix-${name}`;
}

/** The addons that kcm installs, the cloud controller manager first: nodes wait for it. */
function addonsViaService({ addons }: Cluster): { name: AddonName; version: string; repository: string }[] {
  return (["ccm", "csi"] as const).flatMap((name) => {
    const addon = addons?.[name];
    if (!addon?.enabled || addon.via !== "service") return [];
    return [{ name, version: addon.version, repository: addon.repository }];
  });
}

/** The services of a cluster, with those of its addons. */
export function clusterServices(cluster: string, spec: Cluster): Services {
  const addons = addonsViaService(spec);
  const first = addons.some(({ name }) => name === "ccm") ? [addonService("ccm")] : [];
  const all: Services = {
    ...spec.services,
    ...Object.fromEntries(
      addons.map(({ name, version, repository }) => [
        addonService(name),
        {
          template: addonEntry(name, repository),
          version,
          namespace: ADDONS[name].namespace,
          valuesFrom: [{ kind: "ConfigMap" as const, name: clusterNames(cluster).addonValues[name] }],
        },
      ]),
    ),
  };
  // No pod of another service is scheduled before the nodes are initialized.
  const afterCcm = Object.entries(all).map(([name, service]) => [
    name,
    first.includes(name) || first.length === 0
      ? service
      : { ...service, dependsOn: [...first, ...(service.dependsOn ?? [])] },
  ]);
  return Object.fromEntries(afterCcm);
}

/** Service templates of the addons of some clusters. */
export function addonTemplates(clusters: readonly Cluster[]): ServiceTemplateSpecs {
  const templates: Record<string, ServiceTemplate> = {};
  for (const { name, version, repository } of clusters.flatMap(addonsViaService)) {
    const entry = addonEntry(name, repository);
    const versions = templates[entry]?.versions ?? [];
    templates[entry] = {
      repository,
      chart: ADDONS[name].chart,
      versions: versions.includes(version) ? versions : [...versions, version],
    };
  }
  return templates;
}

/** What a cluster's services lack, with the templates that there are. */
export function serviceErrors(
  path: string,
  spec: Cluster,
  { serviceTemplates, kcmVersion }: ServiceContext,
): Violation[] {
  return [
    ...clusterServiceViolations(path, spec, { templates: serviceTemplates, kcmVersion }),
    ...missingAddonTemplates(path, spec, serviceTemplates),
  ];
}

/** An addon of the cluster whose template is not among these. */
function missingAddonTemplates(path: string, spec: Cluster, templates: ServiceTemplateSpecs): Violation[] {
  const isMissing = Object.entries(addonTemplates([spec])).some(
    ([entry, { versions }]) => !versions.every((version) => templates[entry]?.versions.includes(version)),
  );
  if (!isMissing) return [];
  const remedy = "set serviceTemplates to a ServiceTemplateSpecs whose addonsOf has this cluster";
  return [{ path: `${path}.addons`, reason: "is installed as a service without its ServiceTemplate", remedy }];
}

/** One entry for each repository, the default one by the chart's name. */
function addonEntry(name: AddonName, repository: string): string {
  const { chart, repository: usual } = ADDONS[name];
  if (repository === usual) return chart;
  return `${chart}-${createHash("sha256").update(repository).digest("hex").slice(0, 8)}`;
}
