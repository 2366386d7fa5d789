/** Rules about the network of the control plane endpoint. */
import { addressNumber, addressRange, contains, NETWORKS_SETTING, networksOf, nodeNetworks } from "./address-ranges.ts";
import { controlPlaneGroups } from "./cluster-fields.ts";
import { clustersOf } from "./clusters.ts";
import { ENDPOINT_HOST, loadBalancedClusters } from "./endpoint-rules.ts";
import { always, mandatory, type Rule } from "./rule.ts";

export const endpointIsOutsideClusterNetworks: Rule = {
  name: "endpoint-is-outside-cluster-networks",
  category: "endpoint",
  level: mandatory,
  nonWaivable: always,
  inspects: `${ENDPOINT_HOST}, and the ranges of pods and services`,
  why: "inside the cluster that address belongs to a pod or Service, and the API server is unreachable",
  remedy: "change the endpoint, or the range",
  example:
    'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.95.0.9" is inside 10.95.0.0/16, the cluster\'s services network; change the endpoint, or clusterNetwork.services.cidrBlocks',
  check: (targets) =>
    clustersOf(targets).flatMap((cluster) => {
      const { host } = cluster.endpoint;
      const address = addressNumber(host.text);
      if (address === undefined) return [];
      return networksOf(cluster)
        .filter(({ range }) => contains(range, address))
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
  level: mandatory,
  nonWaivable: always,
  inspects: `${ENDPOINT_HOST}, and the pools of the networks that the stack declares`,
  why: "DHCP or IPAM can assign the address to a machine, which makes the API server unreachable",
  remedy: "use an address outside every pool, or exclude it from the pool in Prism Central and in `networks`",
  example:
    'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is inside 10.1.1.128/25, a pool of networks.VM-Network; use an address outside it, or exclude the address from the pool',
  settings: NETWORKS_SETTING,
  check: (targets, context) => {
    const pools = nodeNetworks(context).flatMap(([name, network]) =>
      network.pools.flatMap((pool) => {
        const range = addressRange(pool);
        return range === undefined ? [] : [{ name, range }];
      }),
    );
    return clustersOf(targets).flatMap(({ endpoint: { host } }) => {
      const address = addressNumber(host.text);
      if (address === undefined) return [];
      return pools
        .filter(({ range }) => contains(range, address))
        .map(({ name, range }) =>
          host.violation(
            `is inside ${range.text}, a pool of networks.${name}`,
            "use an address outside it, or exclude the address from the pool",
          ),
        );
    });
  },
};

export const loadBalancedEndpointIsInNodeSubnet: Rule = {
  name: "load-balanced-endpoint-is-in-node-subnet",
  category: "endpoint",
  level: mandatory,
  inspects: `${ENDPOINT_HOST} of standalone clusters, and the declared range of the control plane machines' first subnet`,
  why: "packets for an address of another subnet are not routed to the machine that has it",
  remedy: "use an address of the control plane machines' first subnet",
  example:
    'clusters.edge.nutanix.controlPlaneEndpoint.host: "10.1.1.201" is outside 10.9.9.0/24 of networks.550e8400-e29b-41d4-a716-446655440002, the first subnet of the control plane machines; use an address of that subnet',
  settings: NETWORKS_SETTING,
  check: (targets, context) => {
    const networks = new Map(nodeNetworks(context));
    return loadBalancedClusters(clustersOf(targets)).flatMap((cluster) => {
      const { host } = cluster.endpoint;
      const [subnet] = controlPlaneGroups(cluster)[0]?.machine("subnets").items ?? [];
      const name = subnet?.at("name").text ?? subnet?.at("uuid").text ?? "";
      const range = addressRange(networks.get(name)?.cidr);
      const address = addressNumber(host.text);
      if (range === undefined || address === undefined || contains(range, address)) return [];
      return [
        host.violation(
          `is outside ${range.text} of networks.${name}, the first subnet of the control plane machines`,
          "use an address of that subnet",
        ),
      ];
    });
  },
};
