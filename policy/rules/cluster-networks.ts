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
  why: "an address that belongs to a pod and to a Service reaches neither",
  remedy: "use ranges that do not overlap",
  example:
    'clusters.demo.clusterNetwork.services.cidrBlocks.0: "10.0.0.0/8" overlaps 10.243.0.0/16 of clusterNetwork.pods; use ranges that do not overlap',
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
              "use ranges that do not overlap",
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
  why: "nodes route packets for machines of such a range to pods or Services instead",
  remedy: "use ranges outside all node networks",
  example:
    'clusters.demo.clusterNetwork.pods.cidrBlocks.0: "10.243.0.0/16" overlaps 10.243.7.0/24 of networks.VM-Network, a node network; use ranges that do not overlap',
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
              `overlaps ${node.range.text} of networks.${node.name}, a node network`,
              "use ranges that do not overlap",
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
  why: "each node takes a /24 of the pod range, and a node without one never becomes ready; no range can be changed later",
  remedy: "use a pod range with 256 addresses for each node, and a service range between /24 and /12",
  example:
    'clusters.edge.clusterNetwork.pods.cidrBlocks.0: "10.243.0.0/22" has room for 4 nodes, but the cluster has 5; use a range of /21 or larger',
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
        const reason = size < LEAST_SERVICES ? "is smaller than /24" : "is larger than the API server limit of /12";
        return [place.violation(`${reason}`, "use a range between /24 and /12, such as 10.95.0.0/16")];
      });
    }),
};

function podsFault(place: Field, room: number, nodes: number): Violation {
  const wanted = 32 - Math.ceil(Math.log2(Math.max(1, nodes) * NODE_ADDRESSES));
  return place.violation(
    `has room for ${room} nodes, but the cluster has ${nodes}`,
    `use a range of /${Math.max(0, wanted)} or larger`,
  );
}
