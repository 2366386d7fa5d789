/** What clusters of a ClusterClass need of Cluster API: a gate that is off by default. */
import type { Violation } from "../policy/rules/violation.ts";
import type { Stack } from "../schema/stack.ts";

/** Whether a cluster of the stack needs Cluster API's gate ClusterTopology. */
export function needsClusterTopology(stack: Pick<Stack, "clusters">): boolean {
  return Object.values(stack.clusters).some(({ clusterClass }) => clusterClass);
}

/** In an adopted Management the owner sets the gate. */
export function gateWarnings(stack: Stack): Violation[] {
  if (!stack.management.adopt) return [];
  const names = Object.keys(stack.clusters).filter((name) => stack.clusters[name]?.clusterClass);
  return names.map((name) => ({
    path: `clusters.${name}.clusterClass`,
    value: true,
    reason:
      "is rejected by Cluster API unless its feature gate ClusterTopology is on, and this stack does not manage Management",
    remedy:
      "ask its owner to set spec.core.capi.config.manager.featureGates.ClusterTopology: true in Management, or remove clusterClass",
  }));
}
