/** Do the stack's clusters leave those of other stacks alone? */

import { clustersOf, syntheticFields } from "./cluster-fields.ts";
import { hostKey } from "./endpoint-rules.ts";
import { list } from "./plain-values.ts";
import { always, everywhere, type Rule } from "./rule.ts";
import { safeWord } from "./violation.ts";

const TOLD = "is used by another stack according to policy.endpoint-is-not-used-by-peer-stacks.usedEndpoints";

export const endpointIsNotUsedByPeerStacks: Rule = {
  name: "endpoint-is-not-used-by-peer-stacks",
  category: "endpoint",
  level: always("mandatory"),
  nonWaivable: everywhere,
  inspects:
    "`controlPlaneEndpoint.host`; `clusters.<name>.endpoint` in the outputs of the stacks in `peerStacks`; and the setting `usedEndpoints`, since Pulumi passes no StackReference outputs to a policy pack",
  why: "two clusters with one address receive each other's nodes and clients, in one stack or in two",
  remedy: "reserve an address for each cluster",
  example:
    'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is the endpoint of the cluster far in the stack organization/k0rdent-nutanix/other; reserve an address for each cluster',
  settings: {
    usedEndpoints: {
      type: "array",
      items: { type: "string" },
      description: "endpoints that other stacks use, such as `10.1.1.200`",
    },
  },
  check: (subjects, { settings }) => {
    const told = list(settings["usedEndpoints"]).filter((one) => typeof one === "string");
    const named = new Map(
      syntheticFields(subjects, "StackReference").flatMap((reference) =>
        reference.at("outputs", "clusters").entries.flatMap(([cluster, outputs]) => {
          const host = outputs.at("endpoint").text?.replace(/:\d+$/, "");
          const stack = reference.at("stack").text ?? "";
          const whose = `is the endpoint of the cluster ${safeWord(cluster)} in the stack ${safeWord(stack)}`;
          return host === undefined ? [] : [[hostKey(host), whose] as const];
        }),
      ),
    );
    const taken = new Map([...told.map((host) => [hostKey(host), TOLD] as const), ...named]);
    if (taken.size === 0) return [];
    return clustersOf(subjects).flatMap(({ endpoint: { host } }) => {
      const reason = host.text === undefined ? undefined : taken.get(hostKey(host.text));
      return reason === undefined ? [] : [host.violation(reason, "reserve an address for each cluster")];
    });
  },
};
