import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import pulumi from "@pulumi/pulumi";
import { addonTemplates } from "../manifests/addon-services.ts";
import type { Manifest } from "../manifests/manifest.ts";
import { serviceTemplateManifests } from "../manifests/services.ts";
import { type ClusterInput, cluster as clusterSchema } from "../schema/cluster.ts";
import {
  type ServiceTemplate,
  type ServiceTemplateInput,
  serviceTemplates as serviceTemplatesSchema,
} from "../schema/services.ts";
import { enforce, readSpec } from "./internal/enforce.ts";
import { customResource } from "./internal/with-ownership.ts";
import type { NutanixPlatform } from "./nutanix-platform.ts";

export interface ServiceTemplatesArgs {
  /** What the templates are created with: waited for. */
  readonly platform: NutanixPlatform;
  /** Charts by name, as in the stack file. */
  readonly templates: Readonly<Record<string, ServiceTemplateInput>>;
  /** Clusters whose addons are services, for the charts of these. @default none */
  readonly addonsOf?: readonly ClusterInput[];
}

/**
 * The charts that services are installed from: for each a source, one ServiceTemplate a version, and a chain from each version to
 * the next. A template's spec is immutable: another version is another template, and kcm keeps one that is in use.
 *
 * @example
 * const serviceTemplates = new ServiceTemplates("services", {
 *   platform,
 *   templates: { "ingress-nginx": { repository: "https://kubernetes.github.io/ingress-nginx", versions: ["4.13.0"] } },
 * }, { provider });
 */
export class ServiceTemplates extends pulumi.ComponentResource {
  /** Names of the ServiceTemplates, known once all are valid. */
  public readonly templateNames: pulumi.Output<string[]>;
  /** @internal */
  readonly templates: Readonly<Record<string, ServiceTemplate>>;

  constructor(name: string, args: ServiceTemplatesArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, templates, addonsOf = [] } = args;
    const clusters = addonsOf.map((cluster) => readSpec(clusterSchema, cluster, "addonsOf"));
    const specs: Record<string, ServiceTemplate> = {
      ...readSpec(serviceTemplatesSchema, templates, "serviceTemplates"),
      ...addonTemplates(clusters),
    };
    const entries = Object.entries(specs).map(([entry, spec]) => ({
      entry,
      manifests: serviceTemplateManifests(entry, spec),
    }));
    const targets = entries.flatMap(({ entry, manifests: { repository, templates } }) =>
      [repository, ...templates].map((object) => ({ at: `serviceTemplates.${entry}`, object })),
    );
    enforce(targets, platform.settings);

    super("k0rdent-nutanix:index:ServiceTemplates", name, {}, opts);
    this.templates = specs;
    const valid = entries.flatMap(({ entry, manifests }) => {
      const create = (noun: string, manifest: Manifest, dependsOn: pulumi.Resource[], waitFor: string[] = []) =>
        this.#object(`${name}-${noun}`, manifest, { platform, dependsOn, waitFor });
      const source = create(`${entry}-source`, manifests.repository, [platform.management]);
      const templates = manifests.templates.map((manifest) =>
        create(manifest.metadata.name, manifest, [source], ["jsonpath={.status.valid}=true"]),
      );
      create(`${entry}-chain`, manifests.chain, templates, ["jsonpath={.status.valid}=true"]);
      return templates;
    });
    this.templateNames = pulumi.all(valid.map((template) => template.metadata.name));
    this.registerOutputs({ templateNames: this.templateNames });
  }

  #object(
    name: string,
    manifest: Manifest,
    {
      platform: { connection, timeouts },
      dependsOn,
      waitFor,
    }: { platform: NutanixPlatform; dependsOn: pulumi.Resource[]; waitFor: string[] },
  ): CustomResource {
    const timeout = `${timeouts.template}s`;
    return new CustomResource(name, customResource(manifest, waitFor), {
      parent: this,
      dependsOn,
      customTimeouts: { create: timeout, update: timeout },
      hooks: {
        beforeCreate: connection.guards.protect({ manifests: [manifest] }),
        onError: connection.readinessErrorHook(),
      },
    });
  }
}
