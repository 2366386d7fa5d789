/** What workers are set up with beside what their machines are made of: files, commands and arguments of k0s. */
import type { MachineGroup } from "../../manifests/machine-groups.ts";
import { at, map } from "../../policy/rules/plain-values.ts";
import type { MachineDemand } from "./demand.ts";
import { sorted } from "./fields.ts";

/**
 * What differs in how a group of workers is set up, in the words of the stack file. A MachineDeployment of the plain form
 * keeps the machines that it has; the topology of a ClusterClass makes them anew.
 */
export function bootstrapChanges(before: MachineDemand, after: MachineDemand, group: MachineGroup): string[] {
  const [was, is] = [setupOf(before, group), setupOf(after, group)];
  return Object.keys(is).filter((key) => textOf(was[key]) !== textOf(is[key]));
}

function setupOf({ config }: MachineDemand, group: MachineGroup): Record<string, unknown> {
  const common = map(at(config, "k0s", "worker"));
  const own = map(at(config, ...group.at.split(".")));
  return {
    labels: { ...map(common["labels"]), ...map(own["labels"]) },
    taints: own["taints"] ?? common["taints"] ?? [],
    ssh: at(config, "ssh"),
    proxy: at(config, "proxy"),
    "addons.ccm": at(config, "addons", "ccm", "enabled") === true,
    "global.k0sURL": at(config, "global", "k0sURL"),
  };
}

/** Whether a cluster has the form of a ClusterClass. */
export function isClass({ config }: MachineDemand): boolean {
  return at(config, "clusterClass") === true;
}

/** Data as text that is the same for the same data. */
export function textOf(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? "";
}
