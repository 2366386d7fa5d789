/** The ranges that clusters and the stack name. */

import { type AddressRange, addressRange } from "./address-ranges.ts";
import type { ClusterFields } from "./cluster-fields.ts";
import type { Field } from "./field.ts";
import { list, map, text } from "./plain-values.ts";
import type { NodeNetwork, RuleContext, SettingSchema } from "./rule.ts";

interface Network {
  readonly key: "pods" | "services";
  readonly place: Field;
  readonly range: AddressRange;
}

/** The readable address ranges of pods and services. */
export function networksOf({ networks }: ClusterFields): Network[] {
  return (["pods", "services"] as const).flatMap((key) =>
    networks[key].items.flatMap((place) => {
      const range = addressRange(place.value);
      return range === undefined ? [] : [{ key, place, range }];
    }),
  );
}

/** The networks of nodes that the stack declares, with those of the rule's own settings. */
export function nodeNetworks({ networks, settings }: RuleContext): [name: string, network: NodeNetwork][] {
  const all = { ...networks, ...map(settings["networks"]) };
  return Object.entries(all).map(([name, network]) => {
    const { cidr, pools } = map(network);
    return [name, { cidr: text(cidr) ?? "", pools: list(pools).filter((pool) => typeof pool === "string") }];
  });
}

/** The setting of rules that compare with the networks of nodes. */
export const NETWORKS: Readonly<Record<string, SettingSchema>> = {
  networks: {
    type: "object",
    description:
      "networks of the nodes by the name or UUID that machines name them by, each `{cidr, pools: [range, …]}`; beside the stack's own `networks`",
  },
};
