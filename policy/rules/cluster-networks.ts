/** Do the address ranges of a cluster leave each other and the machines alone, and are they large enough? */

import { addressRange, overlap, sizeOf } from "./address-ranges.ts";
import { clustersOf } from "./cluster-fields.ts";
import type { Field } from "./field.ts";
import { NETWORKS, networksOf, nodeNetworks } from "./network-ranges.ts";
import { always, type Rule } from "./rule.ts";
import type { Violation } from "./violation.ts";

export const clusterNetworksDoNotOverlap: Rule = {
  name: "cluster-networks-do-not-overlap",
  category: "shape",
  level: always("mandatory"),
  inspects: "the ranges of pods and services of ClusterDeployments and of Clusters",
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
            other.place.violation(
              `overlaps ${one.range.text} of clusterNetwork.${one.key}`,
              "choose ranges that share no address",
            ),
          ),
      );
    }),
};

export const clusterNetworksDoNotOverlapNodeNetworks: Rule = {
  name: "cluster-networks-do-not-overlap-node-networks",
  category: "shape",
  level: always("mandatory"),
  inspects: "the ranges of pods and services, and the ranges of the networks that the stack declares",
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
      networksOf(cluster).flatMap(({ place, range }): Violation[] =>
        nodes
          .filter((node) => overlap(node.range, range))
          .map((node) =>
            place.violation(
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

export const clusterNetworksFitNodeCount: Rule = {
  name: "cluster-networks-fit-node-count",
  category: "shape",
  level: always("mandatory"),
  inspects: "the ranges of pods and services, and the numbers of machines",
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
        return [place.violation(`${reason}`, "write a range between /24 and /12, such as 10.95.0.0/16")];
      });
    }),
};

function podsFault(place: Field, room: number, nodes: number): Violation {
  const wanted = 32 - Math.ceil(Math.log2(Math.max(1, nodes) * NODE_ADDRESSES));
  return place.violation(
    `has room for ${room} nodes, and the cluster asks for ${nodes}`,
    `write a range of /${Math.max(0, wanted)} or wider`,
  );
}
