import type { Settings, SubjectOptions } from "../policy/rules/rule.ts";
import type { Cluster } from "../schema/cluster.ts";
import { credentialOf } from "../schema/references.ts";

/** What belongs to a cluster and stands in no object. Clusters are protected outside dev unless they say otherwise. */
export function subjectOptions(
  name: string,
  cluster: Cluster,
  { environment }: Settings,
): SubjectOptions & { readonly protect: boolean } {
  return {
    protect: cluster.protect ?? environment !== "dev",
    allowControlPlaneRollout: cluster.mode === "standalone" && cluster.allowControlPlaneRollout,
    login: credentialOf(name, cluster),
  };
}
