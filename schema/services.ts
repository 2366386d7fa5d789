/** Services: charts that kcm installs in workload clusters, and the templates that it takes them from. */
import * as z from "zod";
import { because, labels, objectName, plainData, referencedName, version } from "./primitives.ts";

const NO_REPOSITORY = because("is not a chart repository", "use https://… or oci://…, without credentials");

/** A chart of a repository, in one or more versions. */
const serviceTemplate = z.strictObject({
  repository: z
    .string({ error: NO_REPOSITORY })
    .regex(/^(https?|oci):\/\/[^\s@]+$/, NO_REPOSITORY)
    .describe("Helm repository or OCI registry of the chart; with oci:// without the chart's name"),
  chart: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, because("is not the name of a chart", "use the chart's name"))
    .optional()
    .describe("name of the chart; default: the entry's name"),
  versions: z
    .array(version)
    .min(1, because("is empty", "add a version of the chart"))
    .refine((versions) => new Set(versions).size === versions.length, {
      error: because("has a version twice", "remove one of the two"),
    })
    .describe(
      "versions of the chart, one ServiceTemplate each; a service upgrades from each to the next higher, and one that is in use cannot be removed",
    ),
  secretName: referencedName
    .optional()
    .describe("existing Secret in kcm-system with the login to the repository, of Flux's shape; default: none"),
});
export type ServiceTemplate = z.infer<typeof serviceTemplate>;

/** Chart templates by name. */
export const serviceTemplates = z.record(objectName, serviceTemplate);

const valuesFrom = z.strictObject({
  kind: z.enum(["Secret", "ConfigMap"]),
  name: referencedName.describe(
    "its name in kcm-system; a Secret has the type addons.projectsveltos.io/cluster-profile, or Sveltos rejects it",
  ),
});

/** One Helm release in a cluster. */
const service = z
  .strictObject({
    template: objectName.optional().describe("entry of serviceTemplates; default: the service's name"),
    version: version.optional().describe("one of the entry's versions; default: the highest"),
    existingTemplate: referencedName
      .optional()
      .describe("ServiceTemplate in kcm-system that this stack does not manage, instead of template and version"),
    namespace: objectName.optional().describe("namespace of the release in the cluster; default: the service's name"),
    values: plainData.optional().describe("Helm values, without secrets; Sveltos evaluates {{ … }} in them"),
    valuesFrom: z
      .array(valuesFrom)
      .optional()
      .describe("existing Secrets and ConfigMaps whose keys are Helm values, merged over `values`"),
    dependsOn: z
      .array(objectName)
      .optional()
      .describe("services that are installed first; from kcm 1.4 on kcm waits until they are deployed"),
  })
  .refine(({ existingTemplate, template, version }) => !existingTemplate || !(template ?? version), {
    path: ["existingTemplate"],
    error: because("conflicts with template and version", "remove one of the two"),
  });
export type Service = z.infer<typeof service>;

/** Services by the names of their Helm releases. */
export const services = z.record(objectName, service);
export type Services = z.infer<typeof services>;

export const serviceSettings = z.strictObject({
  priority: z
    .int()
    .min(1)
    .max(2147483646)
    .default(100)
    .describe("which of two objects deploys a release that both have: the one with the higher priority"),
  stopOnConflict: z
    .boolean()
    .default(false)
    .describe("install none of the remaining services if another object has one of them"),
  continueOnError: z.boolean().default(false).describe("install the remaining services if one fails"),
});
export type ServiceSettings = z.infer<typeof serviceSettings>;

/** Services of every cluster with some labels. */
export const multiClusterService = z.strictObject({
  clusterLabels: labels
    .refine((map) => Object.keys(map).length > 0, { error: because("is empty", "add a label, such as tier: edge") })
    .describe("labels of the clusters: all of them; clusters of other stacks have them too"),
  services: services.describe("services of these clusters by the names of their Helm releases"),
  serviceSettings: serviceSettings.optional().describe("priority and conflicts of these services"),
});
export type MultiClusterServiceSpec = z.infer<typeof multiClusterService>;
export type MultiClusterServiceInput = z.input<typeof multiClusterService>;
export type ServiceTemplateInput = z.input<typeof serviceTemplate>;

/** Entries of MultiClusterServices by name. */
export const multiClusterServices = z.record(objectName, multiClusterService);
