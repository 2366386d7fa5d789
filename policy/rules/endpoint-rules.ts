/** Will nodes and users reach the API server, and nobody else's? */
import ipaddr from "ipaddr.js";
import { type ClusterFields, clustersOf } from "./cluster-fields.ts";
import { findDuplicates } from "./duplicates.ts";
import type { Field } from "./field.ts";
import { canonical, list } from "./plain-values.ts";
import { always, everywhere, type Rule } from "./rule.ts";
import { safeWord, type Violation } from "./violation.ts";

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

function reachabilityFault(place: Field): Violation[] {
  const host = place.text;
  if (host === undefined) return [];
  const remedy = "use a free IPv4 address of the nodes' network, outside every DHCP and IPAM range";
  if (ipaddr.IPv6.isValid(host)) {
    return [place.violation("is an IPv6 address, and CAPX machines have IPv4 addresses only", remedy)];
  }
  const address = ipv4(host);
  if (address !== undefined) {
    const reason = UNREACHABLE[address.range()];
    return reason ? [place.violation(`${reason}, which machines cannot reach`, remedy)] : [];
  }
  if (host.toLowerCase() === "localhost" || !DNS_NAME.test(host) || /^[\d.]+$/.test(host)) {
    return [place.violation("is neither an IPv4 address nor a fully qualified domain name", remedy)];
  }
  return [];
}

/** A host as an address, where it is one. */
export function ipv4(host: string | undefined): ipaddr.IPv4 | undefined {
  return host !== undefined && ipaddr.IPv4.isValidFourPartDecimal(host) ? ipaddr.IPv4.parse(host) : undefined;
}

/** Host names compare without case and without the final dot. */
export function hostKey(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}

const READS = "`controlPlaneEndpoint.host` of ClusterDeployments and of NutanixClusters";

export const endpointIsRoutable: Rule = {
  name: "endpoint-is-routable",
  category: "endpoint",
  level: always("mandatory"),
  nonWaivable: everywhere,
  inspects: READS,
  why: "machines join through the endpoint: if they cannot reach it, none joins, and no condition reports why",
  remedy:
    "use a free IPv4 address of the nodes' network, outside every DHCP and IPAM range, or a DNS name that resolves to one",
  example:
    'clusters.demo.nutanix.controlPlaneEndpoint.host: "127.0.0.1" is a loopback address, which machines cannot reach; use a free IPv4 address of the nodes\' network, outside every DHCP and IPAM range',
  check: (subjects) => clustersOf(subjects).flatMap(({ endpoint }) => reachabilityFault(endpoint.host)),
};

export const portsAreValid: Rule = {
  name: "ports-are-valid",
  category: "endpoint",
  level: always("mandatory"),
  inspects: "`controlPlaneEndpoint.port` and `prismCentral.port` of ClusterDeployments and of NutanixClusters",
  why: "a port outside 1 to 65535 cannot be reached",
  remedy: "use 6443 for the API server and 9440 for Prism Central, or another port from 1 to 65535",
  example: "clusters.demo.nutanix.controlPlaneEndpoint.port: 65536 is not a valid port; use an integer from 1 to 65535",
  check: (subjects) =>
    clustersOf(subjects)
      .flatMap(({ endpoint, central }) => [endpoint.port, central.port])
      .filter(({ isSet, whole }) => isSet && (whole === undefined || whole < 1 || whole > 65535))
      .map((port) => port.violation("is not a valid port", "use an integer from 1 to 65535")),
};

export const endpointIsNotPrismCentral: Rule = {
  name: "endpoint-is-not-prism-central",
  category: "endpoint",
  level: always("mandatory"),
  nonWaivable: everywhere,
  inspects: `${READS}, and the \`prismCentral.address\` of each of them`,
  why: "the control plane would claim Prism Central's address on its network",
  remedy: "reserve a dedicated address for the cluster",
  example:
    'clusters.demo.nutanix.controlPlaneEndpoint.host: "pc.example.com" is the address of Prism Central; reserve a dedicated address for the cluster',
  check: (subjects) => {
    const clusters = clustersOf(subjects);
    const centrals = new Set(
      clusters.flatMap(({ central: { address } }) => (address.text === undefined ? [] : [hostKey(address.text)])),
    );
    return clusters
      .filter(({ endpoint: { host } }) => host.text !== undefined && centrals.has(hostKey(host.text)))
      .map(({ endpoint: { host } }) =>
        host.violation("is the address of Prism Central", "reserve a dedicated address for the cluster"),
      );
  },
};

export const loadBalancedEndpointIsAnIpAddress: Rule = {
  name: "load-balanced-endpoint-is-an-ip-address",
  category: "endpoint",
  level: always("mandatory"),
  inspects: "`controlPlaneEndpoint.host` and `loadBalancing.type` of ClusterDeployments of standalone clusters",
  why: "k0s's load balancer and kube-vip assign the endpoint to a machine's network interface, which needs an IP address",
  remedy: "use an IPv4 address, or provide a load balancer and set `loadBalancing.type: external`",
  example:
    'clusters.edge.nutanix.controlPlaneEndpoint.host: "api.example.com" is not an IPv4 address, and cplb assigns the endpoint to a machine; use an IPv4 address, or provide a load balancer and set loadBalancing.type: external',
  check: (subjects) =>
    heldEndpoints(clustersOf(subjects))
      .filter(({ endpoint: { host } }) => host.text !== undefined && ipv4(host.text) === undefined)
      .map(({ endpoint: { host }, balancer }) =>
        host.violation(
          `is not an IPv4 address, and ${safeWord(balancer.text)} assigns the endpoint to a machine`,
          "use an IPv4 address, or provide a load balancer and set loadBalancing.type: external",
        ),
      ),
};

/** Clusters whose endpoint is put on a control plane machine's network card. */
export function heldEndpoints(clusters: readonly ClusterFields[]): ClusterFields[] {
  return clusters.filter(
    ({ standalone, balancer }) => standalone === true && balancer.text !== undefined && balancer.text !== "external",
  );
}

export const endpointsAreUnique: Rule = {
  name: "endpoints-are-unique",
  category: "endpoint",
  level: always("mandatory"),
  nonWaivable: everywhere,
  inspects: READS,
  why: "two clusters with one address receive each other's nodes and clients",
  remedy: "reserve an address for each cluster",
  example:
    'clusters.edge.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is the endpoint of clusters.demo too; reserve an address for each cluster',
  check: (subjects) =>
    findDuplicates(clustersOf(subjects), ({ endpoint: { host } }) =>
      host.text === undefined ? undefined : hostKey(host.text),
    ).map(({ cluster, first }) =>
      cluster.endpoint.host.violation(`is the endpoint of ${first.at} too`, "reserve an address for each cluster"),
    ),
};

export const routerIdsAreUnique: Rule = {
  name: "router-ids-are-unique",
  category: "endpoint",
  level: always("mandatory"),
  inspects:
    "`loadBalancing.virtualRouterID` and the first subnet of control plane machines; of K0sControlPlanes the VRRP instances of the k0s configuration",
  why: "load balancers in one subnet with the same virtual router ID claim each other's address",
  remedy: "set a unique number from 1 to 255 for each cluster of a subnet",
  example:
    "clusters.edge.loadBalancing.virtualRouterID: 7 is the one of clusters.demo too, on the same subnet; set loadBalancing.virtualRouterID to a number from 1 to 255 that is unique in that subnet",
  check: (subjects) =>
    findDuplicates(
      clustersOf(subjects).flatMap((cluster) => cluster.routers.map((router) => ({ ...cluster, router }))),
      ({ router, groups }) => {
        const machines = groups.find(({ role }) => role === "controlPlane") ?? groups[0];
        const subnet = list(machines?.machine("subnets").value)[0] ?? null;
        return router.whole === undefined ? undefined : `${router.whole} on ${canonical(subnet)}`;
      },
    ).map(({ cluster, first }) =>
      cluster.router.violation(
        `is the one of ${first.at} too, on the same subnet`,
        "set loadBalancing.virtualRouterID to a number from 1 to 255 that is unique in that subnet",
      ),
    ),
};
