/** Is the endpoint where no pod, no service, no DHCP and no router is in its way? */

import { addressNumber, addressRange, holds } from "./address-ranges.ts";
import { clustersOf } from "./cluster-fields.ts";
import { heldEndpoints } from "./endpoint-rules.ts";
import type { Field } from "./field.ts";
import { NETWORKS, networksOf, nodeNetworks } from "./network-ranges.ts";
import { always, everywhere, type Rule } from "./rule.ts";

const HOST = "`controlPlaneEndpoint.host` of ClusterDeployments and of NutanixClusters";

export const endpointIsOutsideClusterNetworks: Rule = {
  name: "endpoint-is-outside-cluster-networks",
  category: "endpoint",
  level: always("mandatory"),
  nonWaivable: everywhere,
  inspects: `${HOST}, and the ranges of pods and services`,
  why: "inside the cluster that address belongs to a pod or Service, and the API server is unreachable",
  remedy: "change the endpoint, or the range",
  example:
    'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.95.0.9" is inside 10.95.0.0/16, the cluster\'s services network; change the endpoint, or clusterNetwork.services.cidrBlocks',
  check: (subjects) =>
    clustersOf(subjects).flatMap((cluster) => {
      const { host } = cluster.endpoint;
      const address = addressNumber(host.text);
      if (address === undefined) return [];
      return networksOf(cluster)
        .filter(({ range }) => holds(range, address))
        .map(({ key, range }) =>
          host.violation(
            `is inside ${range.text}, the cluster's ${key} network`,
            `change the endpoint, or clusterNetwork.${key}.cidrBlocks`,
          ),
        );
    }),
};

export const endpointIsOutsideIpPools: Rule = {
  name: "endpoint-is-outside-ip-pools",
  category: "endpoint",
  level: always("mandatory"),
  nonWaivable: everywhere,
  inspects: `${HOST}, and the pools of the networks that the stack declares`,
  why: "DHCP or IPAM can assign the address to a machine, which makes the API server unreachable",
  remedy: "use an address outside every pool, or exclude it from the pool in Prism Central and in `networks`",
  example:
    'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is inside 10.1.1.128/25, which networks.VM-Network hands out to machines; use an address outside it, or exclude the address from the pool',
  settings: NETWORKS,
  check: (subjects, context) => {
    const pools = nodeNetworks(context).flatMap(([name, { pools = [] }]) =>
      pools.flatMap((pool) => {
        const range = addressRange(pool);
        return range === undefined ? [] : [{ name, range }];
      }),
    );
    return clustersOf(subjects).flatMap(({ endpoint: { host } }) => {
      const address = addressNumber(host.text);
      if (address === undefined) return [];
      return pools
        .filter(({ range }) => holds(range, address))
        .map(({ name, range }) =>
          host.violation(
            `is inside ${range.text}, which networks.${name} hands out to machines`,
            "use an address outside it, or exclude the address from the pool",
          ),
        );
    });
  },
};

export const loadBalancedEndpointIsInNodeSubnet: Rule = {
  name: "load-balanced-endpoint-is-in-node-subnet",
  category: "endpoint",
  level: always("mandatory"),
  inspects: `${HOST} of standalone clusters, and the declared range of the control plane machines' first subnet`,
  why: "packets for an address of another subnet are not routed to the machine that has it",
  remedy: "use an address of the control plane machines' first subnet",
  example:
    'clusters.edge.nutanix.controlPlaneEndpoint.host: "10.1.1.201" is outside 10.9.9.0/24 of networks.550e8400-e29b-41d4-a716-446655440002, the first subnet of the control plane machines; use an address of that subnet',
  settings: NETWORKS,
  check: (subjects, context) => {
    const networks = new Map(nodeNetworks(context));
    return heldEndpoints(clustersOf(subjects)).flatMap(({ endpoint: { host }, groups }) => {
      const [first] = groups.find(({ role }) => role === "controlPlane")?.machine("subnets").items ?? [];
      const name = first && subnetName(first);
      const range = addressRange(name === undefined ? undefined : networks.get(name)?.cidr);
      const address = addressNumber(host.text);
      if (range === undefined || address === undefined || holds(range, address)) return [];
      return [
        host.violation(
          `is outside ${range.text} of networks.${name}, the first subnet of the control plane machines`,
          "use an address of that subnet",
        ),
      ];
    });
  },
};

/** The name or the UUID that a machine names its subnet by. */
export function subnetName(subnet: Field): string | undefined {
  return subnet.at("name").text ?? subnet.at("uuid").text;
}
