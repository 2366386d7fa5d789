import type { PolicySettings, TargetOptions } from "../policy/rules/rule.ts";
import type { Cluster } from "../schema/cluster.ts";
import { credentialOf } from "../schema/stack-references.ts";

/** What belongs to a cluster and stands in no object. Clusters are protected outside dev unless they say otherwise. */
export function targetOptions(
  name: string,
  cluster: Cluster,
  { environment }: PolicySettings,
): TargetOptions & { readonly protect: boolean } {
  return {
    protect: cluster.protect ?? environment !== "dev",
    allowControlPlaneRollout: cluster.mode === "standalone" && cluster.allowControlPlaneRollout,
    login: credentialOf(name, cluster),
  };
}
