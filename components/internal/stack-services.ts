import type pulumi from "@pulumi/pulumi";
import { serviceContext } from "../../manifests/stack-services.ts";
import type { Stack } from "../../schema/stack.ts";
import { MultiClusterService } from "../multi-cluster-service.ts";
import type { NutanixPlatform } from "../nutanix-platform.ts";
import { ServiceTemplates } from "../service-templates.ts";

/** The services that the clusters of a stack share, and the templates of all its services; undefined where it has none. */
export function stackServices(
  stack: Stack,
  platform: NutanixPlatform,
  opts: pulumi.ComponentResourceOptions,
): ServiceTemplates | undefined {
  const { serviceTemplates: templates, clusters } = stack;
  const args = { platform, templates, addonsOf: Object.values(clusters) };
  const hasTemplates = Object.keys(serviceContext(stack).serviceTemplates).length > 0;
  const serviceTemplates = hasTemplates ? new ServiceTemplates("services", args, opts) : undefined;
  for (const [name, spec] of Object.entries(stack.multiClusterServices)) {
    new MultiClusterService(name, { platform, spec, serviceTemplates }, opts);
  }
  return serviceTemplates;
}
