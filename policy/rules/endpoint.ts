/** Will nodes and users reach the API server, and nobody else's? */
import ipaddr from "ipaddr.js";
import { at, type ClusterSubject, clustersOf, list, text, whole } from "./cluster.ts";
import type { Fault } from "./fault.ts";
import { always, type Rule } from "./rule.ts";

const HOST = ["nutanix", "controlPlaneEndpoint", "host"] as const;
const HOST_PATH = HOST.join(".");

function hostOf(cluster: ClusterSubject): string | undefined {
  return text(at(cluster.config, ...HOST));
}

const UNREACHABLE: Readonly<Record<string, string>> = {
  unspecified: "is the unspecified address",
  broadcast: "is the broadcast address",
  multicast: "is a multicast address",
  linkLocal: "is a link-local address",
  loopback: "is a loopback address",
  reserved: "is in a range reserved for documentation or future use",
  as112: "is in a range reserved for DNS sinks",
  amt: "is in a range reserved for multicast relays",
};
const DNS_NAME = /^(?=.{1,253}$)([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/i;

function reachabilityFault(path: string, host: string): Fault[] {
  const remedy = "use a free IPv4 address of the nodes' network, outside every DHCP and IPAM range";
  if (ipaddr.IPv6.isValid(host)) {
    return [{ path, value: host, reason: "is an IPv6 address, which CAPX's machines are not reached by", remedy }];
  }
  if (ipaddr.IPv4.isValidFourPartDecimal(host)) {
    const reason = UNREACHABLE[ipaddr.IPv4.parse(host).range()];
    return reason ? [{ path, value: host, reason: `${reason}, which machines cannot reach`, remedy }] : [];
  }
  if (host.toLowerCase() === "localhost" || !DNS_NAME.test(host) || /^[\d.]+$/.test(host)) {
    return [{ path, value: host, reason: "is neither an IPv4 address nor a full DNS name", remedy }];
  }
  return [];
}

/** Host names compare without case and without the final dot. */
function sameHost(one: string, other: string): boolean {
  return one.toLowerCase().replace(/\.$/, "") === other.toLowerCase().replace(/\.$/, "");
}

export const endpointIsReachable: Rule = {
  name: "endpoint-is-reachable",
  level: always("mandatory"),
  why: "nodes join through the control plane endpoint; an address that they cannot reach leaves a cluster without nodes",
  check: (subjects) =>
    clustersOf(subjects).flatMap((cluster) => {
      const host = hostOf(cluster);
      const path = `${cluster.at}.${HOST_PATH}`;
      return host === undefined ? [] : reachabilityFault(path, host);
    }),
};

export const endpointIsNotPrismCentral: Rule = {
  name: "endpoint-is-not-prism-central",
  level: always("mandatory"),
  why: "the control plane would take Prism Central's address on its network",
  check: (subjects) =>
    clustersOf(subjects).flatMap((cluster) => {
      const host = hostOf(cluster);
      const central = text(at(cluster.config, "nutanix", "prismCentral", "address"));
      if (host === undefined || central === undefined || !sameHost(host, central)) return [];
      return [
        {
          path: `${cluster.at}.${HOST_PATH}`,
          value: host,
          reason: "is the address of Prism Central",
          remedy: "reserve an address of the cluster's own",
        },
      ];
    }),
};

export const endpointIsOutsideClusterNetworks: Rule = {
  name: "endpoint-is-outside-cluster-networks",
  level: always("mandatory"),
  why: "inside the cluster, pods and services of that range would answer in place of the API server",
  check: (subjects) =>
    clustersOf(subjects).flatMap((cluster) => {
      const host = hostOf(cluster);
      if (host === undefined || !ipaddr.IPv4.isValidFourPartDecimal(host)) return [];
      const address = ipaddr.IPv4.parse(host);
      return networksOf(cluster).flatMap(({ key, block, range }) =>
        range[0].kind() === "ipv4" && address.match(range as [ipaddr.IPv4, number])
          ? [
              {
                path: `${cluster.at}.${HOST_PATH}`,
                value: host,
                reason: `is inside ${block}, the cluster's ${key} network`,
                remedy: `move the endpoint, or clusterNetwork.${key}.cidrBlocks`,
              },
            ]
          : [],
      );
    }),
};

export const endpointIsAnAddressWhereItIsHeld: Rule = {
  name: "endpoint-is-an-address-where-it-is-held",
  level: always("mandatory"),
  why: "k0s's balancer and kube-vip put the endpoint on a machine's network card, which takes addresses only",
  check: (subjects) =>
    clustersOf(subjects).flatMap((cluster) => {
      const host = hostOf(cluster);
      const type = text(at(cluster.config, "loadBalancing", "type"));
      if (host === undefined || !cluster.standalone || type === "external" || type === undefined) return [];
      if (ipaddr.IPv4.isValidFourPartDecimal(host)) return [];
      return [
        {
          path: `${cluster.at}.${HOST_PATH}`,
          value: host,
          reason: `is not an IPv4 address, and ${type} puts the endpoint on a machine`,
          remedy: "write the address, or bring a balancer of your own and set loadBalancing.type: external",
        },
      ];
    }),
};

export const endpointsAreUnique: Rule = {
  name: "endpoints-are-unique",
  level: always("mandatory"),
  why: "two clusters on one address take each other's nodes and users",
  check: (subjects) =>
    repeated(clustersOf(subjects), (cluster) => hostOf(cluster)?.toLowerCase()).map(({ cluster, first, key }) => ({
      path: `${cluster.at}.${HOST_PATH}`,
      value: key,
      reason: `is the endpoint of ${first.at} too`,
      remedy: "reserve an address for each cluster",
    })),
};

export const routerIdsAreUnique: Rule = {
  name: "router-ids-are-unique",
  level: always("mandatory"),
  why: "balancers of one subnet that share a virtual router ID take each other's address away",
  check: (subjects) =>
    repeated(clustersOf(subjects), routerKey).map(({ cluster, first }) => ({
      path: `${cluster.at}.loadBalancing.virtualRouterID`,
      value: at(cluster.config, "loadBalancing", "virtualRouterID"),
      reason: `is the one of ${first.at} too, on the same subnet`,
      remedy: "set loadBalancing.virtualRouterID to a number from 1 to 255 that no balancer of that subnet has",
    })),
};

/** Router IDs collide on the first subnet of the control plane machines, where the endpoint lives. */
function routerKey(cluster: ClusterSubject): string | undefined {
  const id = whole(at(cluster.config, "loadBalancing", "virtualRouterID"));
  const subnets = at(cluster.config, "controlPlane", "subnets") ?? at(cluster.config, "machineDefaults", "subnets");
  return id === undefined ? undefined : `${id} on ${JSON.stringify(list(subnets)[0] ?? null)}`;
}

export interface Network {
  readonly key: "pods" | "services";
  readonly index: number;
  readonly block: string;
  readonly range: [ipaddr.IPv4 | ipaddr.IPv6, number];
}

/** The readable address ranges of pods and services. */
export function networksOf(cluster: ClusterSubject): Network[] {
  return (["pods", "services"] as const).flatMap((key) =>
    list(at(cluster.config, "clusterNetwork", key, "cidrBlocks")).flatMap((block, index) =>
      typeof block === "string" && ipaddr.isValidCIDR(block)
        ? [{ key, index, block, range: ipaddr.parseCIDR(block) }]
        : [],
    ),
  );
}

interface Repeated {
  readonly cluster: ClusterSubject;
  readonly first: ClusterSubject;
  readonly key: string;
}

/** Clusters whose key an earlier one has already; earlier by name, since an engine hands resources over in any order. */
export function repeated(
  clusters: readonly ClusterSubject[],
  keyOf: (cluster: ClusterSubject) => string | undefined,
): Repeated[] {
  const seen = new Map<string, ClusterSubject>();
  const inOrder = [...clusters].sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
  return inOrder.flatMap((cluster) => {
    const key = keyOf(cluster);
    if (key === undefined) return [];
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, cluster);
      return [];
    }
    return [{ cluster, first, key }];
  });
}

function placeOf({ namespace, name }: ClusterSubject): string {
  return `${namespace}/${name}`;
}
