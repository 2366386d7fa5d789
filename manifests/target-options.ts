import type { PolicySettings, TargetOptions } from "../policy/rules/rule.ts";
import type { Cluster } from "../schema/cluster.ts";
import { credentialOf } from "../schema/stack-references.ts";

/** Options of a cluster that no object contains. By default clusters are protected outside dev. */
export function targetOptions(
  name: string,
  cluster: Cluster,
  { environment, kcmVersion }: Pick<PolicySettings, "environment"> & { readonly kcmVersion: string },
): TargetOptions & { readonly protect: boolean } {
  return {
    protect: cluster.protect ?? environment !== "dev",
    allowControlPlaneRollout: cluster.mode === "standalone" && cluster.allowControlPlaneRollout,
    login: credentialOf(name, cluster),
    kcmVersion,
  };
}
