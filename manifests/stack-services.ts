/** The services of a stack as plain objects, without those of its clusters. */
import type { PolicyTarget } from "../policy/rules/rule.ts";
import type { Stack } from "../schema/stack.ts";
import { addonTemplates } from "./addon-services.ts";
import type { Manifest } from "./manifest.ts";
import { multiClusterService, type ServiceContext, serviceTemplateManifests } from "./services.ts";

/** What the services of a stack refer to: its templates, and those of its clusters' addons. */
export function serviceContext({ serviceTemplates, clusters, management }: Stack): ServiceContext {
  return {
    serviceTemplates: { ...serviceTemplates, ...addonTemplates(Object.values(clusters)) },
    kcmVersion: management.kcm.version,
  };
}

/** The objects of services that clusters share, each with the key of the stack file that it comes from. */
export function serviceTargets(
  stack: Stack,
  context = serviceContext(stack),
): (PolicyTarget & { readonly object: Manifest })[] {
  return [
    ...Object.entries(context.serviceTemplates).flatMap(([name, spec]) => {
      const { repository, templates, chain } = serviceTemplateManifests(name, spec);
      return [repository, ...templates, chain].map((object) => ({ at: `serviceTemplates.${name}`, object }));
    }),
    ...Object.entries(stack.multiClusterServices).map(([name, spec]) => ({
      at: `multiClusterServices.${name}`,
      object: multiClusterService(name, spec, context),
      options: { kcmVersion: context.kcmVersion },
    })),
  ];
}
