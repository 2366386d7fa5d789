import { clustersOf } from "../policy/rules/clusters.ts";
import { map } from "../policy/rules/plain-values.ts";
import type { TargetObject } from "../policy/rules/rule.ts";
import type { Cluster } from "../schema/cluster.ts";

/**
 * What a ClusterDeployment asks for, in the words of a stack file, which are those of its config. Undefined where it was not made of a
 * chart of this project, or by hand with less than the program writes.
 */
export function deployedCluster(object: object): Cluster | undefined {
  const [found] = clustersOf([{ at: "", object: object as TargetObject }]);
  if (found === undefined) return undefined;
  const { standalone } = found;
  const config = map(found.config.value);
  const isWhole = ["machineDefaults", "nutanix", "k0s", "workersNumber", "controlPlaneNumber"].every(
    (key) => key in config,
  );
  return isWhole ? ({ mode: standalone ? "standalone" : "hcp", ...config } as unknown as Cluster) : undefined;
}
