/** Do the stack's clusters leave those of other stacks alone? */

import { clustersOf, facts } from "./cluster.ts";
import { hostKey } from "./endpoint.ts";
import { word } from "./fault.ts";
import { always, everywhere, type Rule } from "./rule.ts";

export const endpointIsNotTakenByAnotherStack: Rule = {
  name: "endpoint-is-not-taken-by-another-stack",
  question: "endpoint",
  level: always("mandatory"),
  mustHold: everywhere,
  reads:
    "`controlPlaneEndpoint.host`, and `clusters.<name>.endpoint` among the outputs of the stacks that a StackReference reads",
  why: "two clusters on one address take each other's nodes and users, whichever stack they stand in",
  remedy: "reserve an address for each cluster",
  example:
    'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is the endpoint of the cluster far in the stack organization/k0rdent-nutanix/other; reserve an address for each cluster',
  check: (subjects) => {
    const taken = new Map(
      facts(subjects, "StackReference").flatMap((reference) =>
        reference.at("outputs", "clusters").entries.flatMap(([cluster, outputs]) => {
          const host = outputs.at("endpoint").text?.replace(/:\d+$/, "");
          const stack = reference.at("stack").text ?? "";
          return host === undefined ? [] : [[hostKey(host), { cluster, stack }] as const];
        }),
      ),
    );
    if (taken.size === 0) return [];
    return clustersOf(subjects).flatMap(({ endpoint: { host } }) => {
      const other = host.text === undefined ? undefined : taken.get(hostKey(host.text));
      if (other === undefined) return [];
      return [
        host.fault(
          `is the endpoint of the cluster ${word(other.cluster)} in the stack ${word(other.stack)}`,
          "reserve an address for each cluster",
        ),
      ];
    });
  },
};
