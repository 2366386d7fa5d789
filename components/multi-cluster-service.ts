import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import pulumi from "@pulumi/pulumi";
import { multiClusterService } from "../manifests/services.ts";
import { serviceViolations } from "../schema/service-references.ts";
import { type MultiClusterServiceInput, multiClusterService as multiClusterServiceSchema } from "../schema/services.ts";
import { enforce, readSpec, throwConfigErrors } from "./internal/enforce.ts";
import { updatePolicyHook } from "./internal/update-policy-hook.ts";
import { customResource } from "./internal/with-ownership.ts";
import type { NutanixPlatform } from "./nutanix-platform.ts";
import type { ServiceTemplates } from "./service-templates.ts";

export interface MultiClusterServiceArgs {
  /** What the services are installed with: waited for. */
  readonly platform: NutanixPlatform;
  /** Labels of the clusters and their services, as in the stack file. */
  readonly spec: MultiClusterServiceInput;
  /** Charts of the services. @default none: only with existing templates */
  readonly serviceTemplates?: ServiceTemplates | undefined;
}

/**
 * Services of every cluster with some labels, now and later. It is not waited for: the clusters may come later than it, and some
 * need it to become ready.
 *
 * @example
 * new MultiClusterService("monitoring", {
 *   platform, serviceTemplates, spec: { clusterLabels: { tier: "edge" }, services: { prometheus: {} } },
 * }, { provider });
 */
export class MultiClusterService extends pulumi.ComponentResource {
  /** Name of the MultiClusterService. */
  public readonly serviceName: pulumi.Output<string>;

  constructor(name: string, args: MultiClusterServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, serviceTemplates } = args;
    const { connection, kcmVersion, management, settings } = platform;
    const path = `multiClusterServices.${name}`;
    const spec = readSpec(multiClusterServiceSchema, args.spec, path);
    const templates = serviceTemplates?.templates ?? {};
    throwConfigErrors(serviceViolations(`${path}.services`, spec.services, templates));
    const manifest = multiClusterService(name, spec, { serviceTemplates: templates, kcmVersion });
    const target = { at: path, object: manifest, options: { kcmVersion } };
    enforce([target], settings);

    super("k0rdent-nutanix:index:MultiClusterService", name, {}, opts);
    const service = new CustomResource(name, customResource(manifest), {
      parent: this,
      dependsOn: serviceTemplates === undefined ? [management] : [management, serviceTemplates],
      hooks: {
        beforeCreate: connection.guards.protect({ manifests: [manifest] }),
        beforeUpdate: updatePolicyHook(name, target, settings),
      },
    });
    this.serviceName = service.metadata.name;
    this.registerOutputs({ serviceName: this.serviceName });
  }
}
