/** Rules about the networks of pods and services. */
import { addressRange, NETWORKS_SETTING, networksOf, nodeNetworks, overlap, sizeOf } from "./address-ranges.ts";
import { clustersOf } from "./clusters.ts";
import { mandatory, type Rule } from "./rule.ts";

const NO_OVERLAP = "use ranges that do not overlap";
/** Ranges that no network can have. */
const SPECIAL = Object.entries({
  "0.0.0.0/8": "the unspecified addresses",
  "127.0.0.0/8": "the loopback addresses",
  "169.254.0.0/16": "the link-local addresses",
  "224.0.0.0/3": "the multicast and reserved addresses",
}).flatMap(([cidr, name]) => {
  const range = addressRange(cidr);
  return range === undefined ? [] : [{ range, name }];
});

export const clusterNetworksDoNotOverlap: Rule = {
  name: "cluster-networks-do-not-overlap",
  category: "shape",
  level: mandatory,
  inspects: "the ranges of pods and services of ClusterDeployments and of Clusters, and of k0s configurations",
  why: "an address that belongs to a pod and to a Service reaches neither, and one of a special range leaves no node",
  remedy: NO_OVERLAP,
  example: `clusters.demo.clusterNetwork.services.cidrBlocks.0: "10.0.0.0/8" overlaps 10.243.0.0/16 of clusterNetwork.pods; ${NO_OVERLAP}`,
  check: (targets) =>
    clustersOf(targets).flatMap((cluster) => {
      const networks = networksOf(cluster);
      return networks.flatMap((one, index) => [
        ...SPECIAL.filter(({ range }) => overlap(one.range, range)).map(({ range, name }) =>
          one.field.violation(`overlaps ${range.text}, ${name}`, "use a private range, such as 10.243.0.0/16"),
        ),
        ...networks
          .slice(index + 1)
          .filter(({ key, range }) => key !== one.key && overlap(one.range, range))
          .map(({ field }) => field.violation(`overlaps ${one.range.text} of clusterNetwork.${one.key}`, NO_OVERLAP)),
      ]);
    }),
};

export const clusterNetworksDoNotOverlapNodeNetworks: Rule = {
  name: "cluster-networks-do-not-overlap-node-networks",
  category: "shape",
  level: mandatory,
  inspects: "the ranges of pods and services, and the ranges of the networks that the stack declares",
  why: "nodes route packets for machines of such a range to pods or Services instead",
  remedy: "use ranges outside all node networks",
  example: `clusters.demo.clusterNetwork.pods.cidrBlocks.0: "10.243.0.0/16" overlaps 10.243.7.0/24 of networks.VM-Network, a node network; ${NO_OVERLAP}`,
  settings: NETWORKS_SETTING,
  check: (targets, context) => {
    const nodes = nodeNetworks(context).flatMap(([name, { cidr }]) => {
      const range = addressRange(cidr);
      return range === undefined ? [] : [{ name, range }];
    });
    return clustersOf(targets).flatMap((cluster) =>
      networksOf(cluster).flatMap(({ field, range }) =>
        nodes
          .filter((node) => overlap(node.range, range))
          .map((node) =>
            field.violation(`overlaps ${node.range.text} of networks.${node.name}, a node network`, NO_OVERLAP),
          ),
      ),
    );
  },
};

/** Addresses of one node's pods: Kubernetes assigns a /24 to each node. */
const NODE_ADDRESSES = 256;
const MIN_SERVICES = 256;
const MAX_SERVICES = 2 ** 20;

export const clusterNetworksFitNodeCount: Rule = {
  name: "cluster-networks-fit-node-count",
  category: "shape",
  level: mandatory,
  inspects: "the ranges of pods and services, and the numbers of machines",
  why: "each node takes a /24 of the pod range, and a node without one never becomes ready; no range can be changed later",
  remedy: "use a pod range with 256 addresses for each node, and a service range between /24 and /12",
  example:
    'clusters.edge.clusterNetwork.pods.cidrBlocks.0: "10.243.0.0/22" fits 4 nodes, but the cluster has 5; use a range of /21 or larger',
  check: (targets) =>
    clustersOf(targets).flatMap((cluster) => {
      const nodes = cluster.groups.reduce((sum, { count }) => sum + Math.max(0, count.integer ?? 0), 0);
      const needed = Math.max(1, nodes);
      return networksOf(cluster).flatMap(({ key, field, range }) => {
        const size = sizeOf(range);
        if (key === "services") {
          const remedy = "use a range between /24 and /12, such as 10.95.0.0/16";
          if (size < MIN_SERVICES) return [field.violation("is smaller than /24", remedy)];
          return size > MAX_SERVICES ? [field.violation("is larger than the API server limit of /12", remedy)] : [];
        }
        const fitting = Math.floor(size / NODE_ADDRESSES);
        const length = Math.max(0, 32 - Math.ceil(Math.log2(needed * NODE_ADDRESSES)));
        return fitting >= needed
          ? []
          : [
              field.violation(
                `fits ${fitting} nodes, but the cluster has ${nodes}`,
                `use a range of /${length} or larger`,
              ),
            ];
      });
    }),
};
