import { all, type InvalidConfig, set } from "./invalid-config.ts";

const INGRESS = { repository: "https://charts.example.com", versions: ["4.12.1", "4.13.0"] };
const templates = set("serviceTemplates", { ingress: INGRESS });
const services = (value: object) => all(templates, set("clusters.demo.services", value));

/** Services that lead nowhere, and templates that cannot be read. */
export const SERVICE_SETTINGS: readonly InvalidConfig[] = [
  {
    name: "a service of a template that is not there",
    change: services({ prometheus: {}, ingress: { template: "nginx" } }),
    lines: [
      'clusters.demo.services.prometheus: "prometheus" is not an entry of serviceTemplates; add serviceTemplates.prometheus, or set template or existingTemplate',
      'clusters.demo.services.ingress.template: "nginx" is not an entry of serviceTemplates; add serviceTemplates.nginx, or set template or existingTemplate',
    ],
  },
  {
    name: "a version that the template does not have",
    change: services({ ingress: { version: "4.14.0" } }),
    lines: [
      'clusters.demo.services.ingress.version: "4.14.0" is not in serviceTemplates.ingress.versions; add it there, or use 4.12.1 or 4.13.0',
    ],
  },
  {
    name: "a template beside an existing one",
    change: services({ ingress: { version: "4.13.0", existingTemplate: "catalog-ingress" } }),
    lines: [
      'clusters.demo.services.ingress.existingTemplate: "catalog-ingress" conflicts with template and version; remove one of the two',
    ],
  },
  {
    name: "services that depend on each other, and on none",
    change: services({
      ingress: { dependsOn: ["second", "third"] },
      second: { template: "ingress", dependsOn: ["ingress"] },
    }),
    lines: [
      'clusters.demo.services.ingress.dependsOn.1: "third" is not a service beside it; set the name of one, or remove it',
      "clusters.demo.services.ingress.dependsOn: is part of a cycle: ingress, second; remove one of the dependencies",
    ],
  },
  {
    name: "the name of an addon's own service",
    change: all(
      services({ "nutanix-csi": { template: "ingress" } }),
      set("clusters.demo.addons", { csi: { enabled: true, via: "service" } }),
    ),
    lines: [
      "clusters.demo.services.nutanix-csi: is the name of the service of addons.csi; rename it, or set addons.csi.via: k0s",
    ],
  },
  {
    name: "a field of a later kcm, and settings of no services",
    change: all(set("clusters.demo.cleanupOnDeletion", true), set("clusters.demo.serviceSettings", { priority: 7 })),
    lines: [
      "clusters.demo.serviceSettings: has no effect without services; remove it",
      "clusters.demo.cleanupOnDeletion: true is not supported by kcm 1.2.0; use kcm 1.4 or later, or remove it",
    ],
  },
];
