/** Violations between services: unknown templates, versions and dependencies, and cycles. */
import { compareMinors, FIRST_KCM_WITH_SERVICE_ORDER, minorOf } from "../policy/rules/versions.ts";
import type { Violation } from "../policy/rules/violation.ts";
import type { Cluster } from "./cluster.ts";
import type { Service, Services, ServiceTemplate } from "./services.ts";

/** What a cluster's services and kcm's other fields need. */
export function clusterServiceViolations(
  at: string,
  cluster: Cluster,
  { templates, kcmVersion }: { templates: Readonly<Record<string, ServiceTemplate>>; kcmVersion: string },
): Violation[] {
  return [
    ...serviceViolations(`${at}.services`, cluster.services ?? {}, templates),
    ...addonViolations(at, cluster),
    ...(cluster.serviceSettings !== undefined && cluster.services === undefined
      ? [{ path: `${at}.serviceSettings`, reason: "has no effect without services", remedy: "remove it" }]
      : []),
    ...(cluster.cleanupOnDeletion && compareMinors(minorOf(kcmVersion), FIRST_KCM_WITH_SERVICE_ORDER) < 0
      ? [
          {
            path: `${at}.cleanupOnDeletion`,
            value: true,
            reason: `is not supported by kcm ${kcmVersion}`,
            remedy: `use kcm ${FIRST_KCM_WITH_SERVICE_ORDER} or later, or remove it`,
          },
        ]
      : []),
  ];
}

function addonViolations(at: string, { addons, services }: Cluster): Violation[] {
  return (["ccm", "csi"] as const).flatMap((name) => {
    const addon = addons?.[name];
    if (!addon?.enabled) return [];
    const release = `nutanix-${name}`;
    if (addon.via !== "service" || !Object.hasOwn(services ?? {}, release)) return [];
    return [
      {
        path: `${at}.services.${release}`,
        reason: `is the name of the service of addons.${name}`,
        remedy: `rename it, or set addons.${name}.via: k0s`,
      },
    ];
  });
}

export function serviceViolations(
  at: string,
  services: Services,
  templates: Readonly<Record<string, ServiceTemplate>>,
): Violation[] {
  return [
    ...Object.entries(services).flatMap(([name, service]) => [
      ...templateViolations(`${at}.${name}`, name, { service, templates }),
      ...dependencyViolations(`${at}.${name}`, service, services),
    ]),
    ...cycleViolations(at, services),
  ];
}

function templateViolations(
  at: string,
  name: string,
  { service, templates }: { service: Service; templates: Readonly<Record<string, ServiceTemplate>> },
): Violation[] {
  if (service.existingTemplate !== undefined) return [];
  const entry = service.template ?? name;
  const template = Object.hasOwn(templates, entry) ? templates[entry] : undefined;
  if (template === undefined) {
    return [
      {
        path: service.template === undefined ? at : `${at}.template`,
        value: entry,
        reason: "is not an entry of serviceTemplates",
        remedy: `add serviceTemplates.${entry}, or set template or existingTemplate`,
      },
    ];
  }
  if (service.version === undefined || template.versions.includes(service.version)) return [];
  return [
    {
      path: `${at}.version`,
      value: service.version,
      reason: `is not in serviceTemplates.${entry}.versions`,
      remedy: `add it there, or use ${template.versions.join(" or ")}`,
    },
  ];
}

function dependencyViolations(at: string, { dependsOn = [] }: Service, services: Services): Violation[] {
  return dependsOn.flatMap((name, index) =>
    Object.hasOwn(services, name)
      ? []
      : [
          {
            path: `${at}.dependsOn.${index}`,
            value: name,
            reason: "is not a service beside it",
            remedy: "set the name of one, or remove it",
          },
        ],
  );
}

/** One violation for each cycle, at its first service. */
function cycleViolations(at: string, services: Services): Violation[] {
  const inCycle = (start: string, name: string, seen: ReadonlySet<string>): boolean =>
    (services[name]?.dependsOn ?? []).some(
      (next) => next === start || (!seen.has(next) && inCycle(start, next, new Set([...seen, next]))),
    );
  const names = Object.keys(services).filter((name) => inCycle(name, name, new Set([name])));
  const [first] = names.sort();
  if (first === undefined) return [];
  return [
    {
      path: `${at}.${first}.dependsOn`,
      reason: `is part of a cycle: ${names.join(", ")}`,
      remedy: "remove one of the dependencies",
    },
  ];
}
