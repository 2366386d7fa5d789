/** The bootstrap settings of workers: files, commands and arguments of k0s. */
import type { MachineGroup } from "../../manifests/machine-groups.ts";
import { at, canonical, map } from "../../policy/rules/plain-values.ts";
import type { RenderedDemand } from "./demand.ts";

/**
 * Changed bootstrap settings of a worker group, as paths of the stack file. A plain MachineDeployment keeps its machines; the
 * topology of a ClusterClass replaces them.
 */
export function bootstrapChanges(before: RenderedDemand, after: RenderedDemand, group: MachineGroup): string[] {
  const [was, is] = [settingsOf(before, group), settingsOf(after, group)];
  return Object.keys(is).filter((key) => canonical(was[key]) !== canonical(is[key]));
}

function settingsOf({ config }: RenderedDemand, group: MachineGroup): Record<string, unknown> {
  const common = map(at(config, "k0s", "worker"));
  const own = map(at(config, ...group.at.split(".")));
  return {
    labels: { ...map(common["labels"]), ...map(own["labels"]) },
    taints: own["taints"] ?? common["taints"] ?? [],
    profile: own["profile"] ?? common["profile"],
    ssh: at(config, "ssh"),
    proxy: at(config, "proxy"),
    "addons.ccm": at(config, "addons", "ccm", "enabled") === true,
    "global.k0sURL": at(config, "global", "k0sURL"),
  };
}

/** Whether a cluster uses a ClusterClass. */
export function isClass({ config }: RenderedDemand): boolean {
  return at(config, "clusterClass") === true;
}
