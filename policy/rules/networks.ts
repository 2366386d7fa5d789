/** Do the address ranges of a cluster leave each other, the machines and the endpoint alone? */
import { type Cluster, clustersOf } from "./cluster.ts";
import { heldEndpoints } from "./endpoint.ts";
import type { Fault } from "./fault.ts";
import type { Place } from "./place.ts";
import { list, map, text } from "./plain.ts";
import { type AddressRange, addressNumber, addressRange, holds, overlap, sizeOf } from "./ranges.ts";
import { always, type Context, everywhere, type NodeNetwork, type Rule, type SettingSchema } from "./rule.ts";

interface Network {
  readonly key: "pods" | "services";
  readonly place: Place;
  readonly range: AddressRange;
}

/** The readable address ranges of pods and services. */
function networksOf({ networks }: Cluster): Network[] {
  return (["pods", "services"] as const).flatMap((key) =>
    networks[key].items.flatMap((place) => {
      const range = addressRange(place.value);
      return range === undefined ? [] : [{ key, place, range }];
    }),
  );
}

/** The networks of nodes that the stack declares, with those of the rule's own settings. */
function nodeNetworks({ networks, settings }: Context): [name: string, network: NodeNetwork][] {
  const all = { ...networks, ...map(settings["networks"]) };
  return Object.entries(all).map(([name, network]) => {
    const { cidr, pools } = map(network);
    return [name, { cidr: text(cidr) ?? "", pools: list(pools).filter((pool) => typeof pool === "string") }];
  });
}

const NETWORKS: Readonly<Record<string, SettingSchema>> = {
  networks: {
    type: "object",
    description:
      "networks of the nodes by the name or UUID that machines name them by, each `{cidr, pools: [range, …]}`; beside the stack's own `networks`",
  },
};
const HOST = "`controlPlaneEndpoint.host` of ClusterDeployments and of NutanixClusters";

export const endpointIsOutsideClusterNetworks: Rule = {
  name: "endpoint-is-outside-cluster-networks",
  question: "endpoint",
  level: always("mandatory"),
  mustHold: everywhere,
  reads: `${HOST}, and the ranges of pods and services`,
  why: "inside the cluster, pods and services of that range would answer in place of the API server",
  remedy: "move the endpoint, or the range",
  example:
    'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.95.0.9" is inside 10.95.0.0/16, the cluster\'s services network; move the endpoint, or clusterNetwork.services.cidrBlocks',
  check: (subjects) =>
    clustersOf(subjects).flatMap((cluster) => {
      const { host } = cluster.endpoint;
      const address = addressNumber(host.text);
      if (address === undefined) return [];
      return networksOf(cluster)
        .filter(({ range }) => holds(range, address))
        .map(({ key, range }) =>
          host.fault(
            `is inside ${range.text}, the cluster's ${key} network`,
            `move the endpoint, or clusterNetwork.${key}.cidrBlocks`,
          ),
        );
    }),
};

export const endpointIsOutsideAddressPools: Rule = {
  name: "endpoint-is-outside-address-pools",
  question: "endpoint",
  level: always("mandatory"),
  mustHold: everywhere,
  reads: `${HOST}, and the pools of the networks that the stack declares`,
  why: "DHCP or IPAM would give the address to a machine one day, and the cluster's API server would be gone",
  remedy: "take an address that no pool hands out, or take it out of the pool on Nutanix and in `networks`",
  example:
    'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is inside 10.1.1.128/25, which networks.VM-Network hands out to machines; take an address outside it, or take the address out of the pool',
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
          host.fault(
            `is inside ${range.text}, which networks.${name} hands out to machines`,
            "take an address outside it, or take the address out of the pool",
          ),
        );
    });
  },
};

export const heldEndpointIsInItsSubnet: Rule = {
  name: "held-endpoint-is-in-its-subnet",
  question: "endpoint",
  level: always("mandatory"),
  reads: `${HOST} of standalone clusters, and the declared range of the control plane machines' first subnet`,
  why: "a machine that holds an address of another subnet answers nobody: routers send the packets elsewhere",
  remedy: "take an address of the control plane machines' first subnet",
  example:
    'clusters.edge.nutanix.controlPlaneEndpoint.host: "10.1.1.201" is outside 10.9.9.0/24 of networks.550e8400-e29b-41d4-a716-446655440002, the first subnet of the machines that hold it; take an address of that subnet',
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
        host.fault(
          `is outside ${range.text} of networks.${name}, the first subnet of the machines that hold it`,
          "take an address of that subnet",
        ),
      ];
    });
  },
};

/** The name or the UUID that a machine names its subnet by. */
export function subnetName(subnet: Place): string | undefined {
  return subnet.at("name").text ?? subnet.at("uuid").text;
}

export const networksAreApart: Rule = {
  name: "networks-are-apart",
  question: "shape",
  level: always("mandatory"),
  reads: "the ranges of pods and services of ClusterDeployments and of Clusters",
  why: "an address that is a pod's and a service's at once reaches neither",
  remedy: "choose ranges that share no address",
  example:
    'clusters.demo.clusterNetwork.services.cidrBlocks.0: "10.0.0.0/8" overlaps 10.243.0.0/16 of clusterNetwork.pods; choose ranges that share no address',
  check: (subjects) =>
    clustersOf(subjects).flatMap((cluster) => {
      const networks = networksOf(cluster);
      return networks.flatMap((one, index) =>
        networks
          .slice(index + 1)
          .filter((other) => overlap(one.range, other.range))
          .map((other) =>
            other.place.fault(
              `overlaps ${one.range.text} of clusterNetwork.${one.key}`,
              "choose ranges that share no address",
            ),
          ),
      );
    }),
};

export const clusterNetworksAreApartFromNodes: Rule = {
  name: "cluster-networks-are-apart-from-nodes",
  question: "shape",
  level: always("mandatory"),
  reads: "the ranges of pods and services, and the ranges of the networks that the stack declares",
  why: "a machine sends what is meant for another machine of such a range to a pod or a service instead",
  remedy: "choose ranges that no network of the nodes uses",
  example:
    'clusters.demo.clusterNetwork.pods.cidrBlocks.0: "10.243.0.0/16" overlaps 10.243.7.0/24 of networks.VM-Network, where machines are; choose ranges that share no address',
  settings: NETWORKS,
  check: (subjects, context) => {
    const nodes = nodeNetworks(context).flatMap(([name, { cidr }]) => {
      const range = addressRange(cidr);
      return range === undefined ? [] : [{ name, range }];
    });
    return clustersOf(subjects).flatMap((cluster) =>
      networksOf(cluster).flatMap(({ place, range }): Fault[] =>
        nodes
          .filter((node) => overlap(node.range, range))
          .map((node) =>
            place.fault(
              `overlaps ${node.range.text} of networks.${node.name}, where machines are`,
              "choose ranges that share no address",
            ),
          ),
      ),
    );
  },
};

/** Addresses of one node's pods: the /24 that Kubernetes gives each node. */
const NODE_ADDRESSES = 256;
const LEAST_SERVICES = 256;
const MOST_SERVICES = 2 ** 20;

export const clusterNetworksFitTheCluster: Rule = {
  name: "cluster-networks-fit-the-cluster",
  question: "shape",
  level: always("mandatory"),
  reads: "the ranges of pods and services, and the numbers of machines",
  why: "each node takes a /24 of the pods' range, and one that gets none never becomes ready; no range can be changed later",
  remedy: "give pods a range of 256 addresses a node, and services one between /24 and /12",
  example:
    'clusters.edge.clusterNetwork.pods.cidrBlocks.0: "10.243.0.0/22" has room for 4 nodes, and the cluster asks for 5; write a range of /21 or wider',
  check: (subjects) =>
    clustersOf(subjects).flatMap((cluster) => {
      const nodes = cluster.groups.reduce((sum, { count }) => sum + Math.max(0, count.whole ?? 0), 0);
      return networksOf(cluster).flatMap(({ key, place, range }) => {
        const size = sizeOf(range);
        if (key === "pods") {
          const room = Math.floor(size / NODE_ADDRESSES);
          return room >= Math.max(1, nodes) ? [] : [podsFault(place, room, nodes)];
        }
        if (size >= LEAST_SERVICES && size <= MOST_SERVICES) return [];
        const reason =
          size < LEAST_SERVICES ? "is narrower than /24" : "is wider than the /12 that an API server takes";
        return [place.fault(`${reason}`, "write a range between /24 and /12, such as 10.95.0.0/16")];
      });
    }),
};

function podsFault(place: Place, room: number, nodes: number): Fault {
  const wanted = 32 - Math.ceil(Math.log2(Math.max(1, nodes) * NODE_ADDRESSES));
  return place.fault(
    `has room for ${room} nodes, and the cluster asks for ${nodes}`,
    `write a range of /${Math.max(0, wanted)} or wider`,
  );
}
