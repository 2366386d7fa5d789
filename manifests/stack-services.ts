/** The services of a stack as plain objects, without those of its clusters. */
import type { PolicyTarget } from "../policy/rules/rule.ts";
import type { Stack } from "../schema/stack.ts";
import { addonTemplates } from "./addon-services.ts";
import type { Manifest } from "./manifest.ts";
import { multiClusterService, type ServiceContext, serviceTemplateManifests } from "./services.ts";

const cache = new WeakMap<Stack, ServiceContext>();

/** What the services of a stack refer to: its templates, and those of its clusters' addons. Cached, since each cluster needs it. */
export function serviceContext(stack: Stack): ServiceContext {
  const { serviceTemplates, clusters, management } = stack;
  const context = cache.get(stack) ?? {
    serviceTemplates: { ...serviceTemplates, ...addonTemplates(Object.values(clusters)) },
    kcmVersion: management.kcm.version,
  };
  cache.set(stack, context);
  return context;
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
