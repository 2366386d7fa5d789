/** Rules about the control plane endpoint: reachable, and used by one cluster only. */
import { isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";
import { findDuplicates } from "./cluster-comparison.ts";
import { type ClusterFields, controlPlaneGroups } from "./cluster-fields.ts";
import { clustersOf } from "./clusters.ts";
import { type Field, syntheticFields } from "./field.ts";
import { canonical, list } from "./plain-values.ts";
import { prismCentralsOf } from "./prism-centrals.ts";
import { always, mandatory, type PolicyTarget, type Rule, type RuleSettings } from "./rule.ts";
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
const DNS_NAME = /^(?=.{1,253}$)([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)*[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/i;

export function isDnsName(text: string): boolean {
  return DNS_NAME.test(text);
}

const LOOPBACK_NAME = /^(ip6-)?localhost[46]?(\.|$)|\.localhost\.?$|\.localdomain[46]?\.?$/i;
/** What resolvers read as an address: octal, hexadecimal, or with fewer parts. */
const NUMERIC = /(^|\.)(\d+|0x[0-9a-f]*)\.?$/i;

/** Whether a text is an IPv4 address, or a DNS name that no resolver reads as an address. */
export function isHost(text: string): boolean {
  return isIPv4(text) || (isDnsName(text) && !NUMERIC.test(text));
}

function unreachableReason(host: string): string | undefined {
  if (ipaddr.IPv6.isValid(host)) return "is an IPv6 address, and CAPX machines have IPv4 addresses only";
  if (isIPv4(host)) {
    const reason = UNREACHABLE[ipaddr.IPv4.parse(host).range()];
    return reason && `${reason}, which machines cannot reach`;
  }
  if (LOOPBACK_NAME.test(host)) return "is a name of the machine itself";
  return host.includes(".") && isHost(host)
    ? undefined
    : "is neither an IPv4 address nor a fully qualified domain name";
}

/** A host in the form to compare by: DNS names ignore case and the final dot, addresses have other spellings. */
export function hostKey(host: string): string {
  const bare = host.trim().toLowerCase().replace(/\.$/, "");
  if (isIPv4(bare)) return bare;
  return ipaddr.IPv4.isValid(bare) ? ipaddr.IPv4.parse(bare).toString() : bare;
}

/** Each set endpoint host, by the form to compare by. */
function hosts(targets: readonly PolicyTarget[]): { host: Field; key: string }[] {
  return clustersOf(targets).flatMap(({ endpoint: { host } }) =>
    host.text === undefined ? [] : [{ host, key: hostKey(host.text) }],
  );
}

export const ENDPOINT_HOST = "`controlPlaneEndpoint.host` of ClusterDeployments and of NutanixClusters";
const FREE_ADDRESS = "use a free IPv4 address of the nodes' network, outside every DHCP and IPAM range";
const RESERVE = "reserve an address for each cluster";

export const endpointIsRoutable: Rule = {
  name: "endpoint-is-routable",
  category: "endpoint",
  level: mandatory,
  nonWaivable: always,
  inspects: ENDPOINT_HOST,
  why: "machines join through the endpoint: if they cannot reach it, none joins, and no condition reports why",
  remedy: `${FREE_ADDRESS}, or a DNS name that resolves to one`,
  example: `clusters.demo.nutanix.controlPlaneEndpoint.host: "127.0.0.1" is a loopback address, which machines cannot reach; ${FREE_ADDRESS}`,
  check: (targets) =>
    clustersOf(targets).flatMap(({ endpoint: { host } }) => {
      const reason = host.text === undefined ? undefined : unreachableReason(host.text);
      return reason === undefined ? [] : [host.violation(reason, FREE_ADDRESS)];
    }),
};

export const endpointIsNotPrismCentral: Rule = {
  name: "endpoint-is-not-prism-central",
  category: "endpoint",
  level: mandatory,
  nonWaivable: always,
  inspects: `${ENDPOINT_HOST}, and every address of a Prism Central`,
  why: "the control plane would claim Prism Central's address on its network",
  remedy: "reserve a dedicated address for the cluster",
  example:
    'clusters.demo.nutanix.controlPlaneEndpoint.host: "pc.example.com" is the address of Prism Central; reserve a dedicated address for the cluster',
  check: (targets) => {
    const addresses = new Set(
      prismCentralsOf(targets)
        .flatMap(({ address }) => address.text ?? [])
        .map(hostKey),
    );
    return hosts(targets)
      .filter(({ key }) => addresses.has(key))
      .map(({ host }) =>
        host.violation("is the address of Prism Central", "reserve a dedicated address for the cluster"),
      );
  },
};

export const loadBalancedEndpointIsAnIpAddress: Rule = {
  name: "load-balanced-endpoint-is-an-ip-address",
  category: "endpoint",
  level: mandatory,
  inspects: "`controlPlaneEndpoint.host` and `loadBalancing.type` of ClusterDeployments of standalone clusters",
  why: "k0s's load balancer and kube-vip assign the endpoint to a machine's network interface, which needs an IP address",
  remedy: "use an IPv4 address, or provide a load balancer and set `loadBalancing.type: external`",
  example:
    'clusters.edge.nutanix.controlPlaneEndpoint.host: "api.example.com" is not an IPv4 address, and cplb assigns the endpoint to a machine; use an IPv4 address, or provide a load balancer and set loadBalancing.type: external',
  check: (targets) =>
    loadBalancedClusters(clustersOf(targets))
      .filter(({ endpoint: { host } }) => host.text !== undefined && !isIPv4(host.text))
      .map(({ endpoint: { host }, loadBalancer }) =>
        host.violation(
          `is not an IPv4 address, and ${safeWord(loadBalancer.text)} assigns the endpoint to a machine`,
          "use an IPv4 address, or provide a load balancer and set loadBalancing.type: external",
        ),
      ),
};

/** Clusters whose load balancer assigns the endpoint to a control plane machine. */
export function loadBalancedClusters(clusters: readonly ClusterFields[]): ClusterFields[] {
  return clusters.filter(
    ({ standalone, loadBalancer: { text } }) => standalone === true && text !== undefined && text !== "external",
  );
}

export const endpointsAreUnique: Rule = {
  name: "endpoints-are-unique",
  category: "endpoint",
  level: mandatory,
  nonWaivable: always,
  inspects: ENDPOINT_HOST,
  why: "two clusters with one address receive each other's nodes and clients",
  remedy: RESERVE,
  example: `clusters.edge.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is the endpoint of clusters.demo too; ${RESERVE}`,
  check: (targets) =>
    findDuplicates(clustersOf(targets), ({ endpoint: { host } }) => host.text && hostKey(host.text)).map(
      ({ cluster, first }) => cluster.endpoint.host.violation(`is the endpoint of ${first.at} too`, RESERVE),
    ),
};

export const routerIdsAreUnique: Rule = {
  name: "router-ids-are-unique",
  category: "endpoint",
  level: mandatory,
  inspects:
    "`loadBalancing.virtualRouterID` and the first subnet of control plane machines; of K0sControlPlanes the VRRP instances of the k0s configuration",
  why: "load balancers in one subnet with the same virtual router ID claim each other's address",
  remedy: "set a unique number from 1 to 255 for each cluster of a subnet",
  example:
    "clusters.edge.loadBalancing.virtualRouterID: 7 is the one of clusters.demo too, on the same subnet; set loadBalancing.virtualRouterID to a number from 1 to 255 that is unique in that subnet",
  check: (targets) =>
    findDuplicates(
      clustersOf(targets).flatMap((cluster) => cluster.routers.map((router) => ({ ...cluster, router }))),
      ({ router, ...cluster }) => {
        const machines = controlPlaneGroups(cluster)[0] ?? cluster.groups[0];
        const subnet = list(machines?.machine("subnets").value)[0] ?? null;
        return router.integer === undefined ? undefined : `${router.integer} on ${canonical(subnet)}`;
      },
    ).map(({ cluster, first }) =>
      cluster.router.violation(
        `is the one of ${first.at} too, on the same subnet`,
        "set loadBalancing.virtualRouterID to a number from 1 to 255 that is unique in that subnet",
      ),
    ),
};

export const endpointIsNotUsedByPeerStacks: Rule = {
  name: "endpoint-is-not-used-by-peer-stacks",
  category: "endpoint",
  level: mandatory,
  nonWaivable: always,
  inspects:
    "`controlPlaneEndpoint.host`; `clusters.<name>.endpoint` in the outputs of the stacks in `peerStacks`; and the setting `usedEndpoints`, since Pulumi passes no StackReference outputs to a policy pack",
  why: "two clusters with one address receive each other's nodes and clients, in one stack or in two",
  remedy: RESERVE,
  example: `clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is the endpoint of the cluster far in the stack organization/k0rdent-nutanix/other; ${RESERVE}`,
  settings: {
    usedEndpoints: {
      type: "array",
      items: { type: "string" },
      description: "endpoints that other stacks use, such as `10.1.1.200`",
    },
  },
  check: (targets, { settings }) => {
    const used = new Map([...usedEndpoints(settings), ...peerEndpoints(targets)]);
    return hosts(targets).flatMap(({ host, key }): Violation[] => {
      const reason = used.get(key);
      return reason === undefined ? [] : [host.violation(reason, RESERVE)];
    });
  },
};

function usedEndpoints(settings: RuleSettings): [host: string, reason: string][] {
  const reason = "is used by another stack according to policy.endpoint-is-not-used-by-peer-stacks.usedEndpoints";
  return list(settings["usedEndpoints"]).flatMap((host) => (typeof host === "string" ? [[hostKey(host), reason]] : []));
}

function peerEndpoints(targets: readonly PolicyTarget[]): [host: string, reason: string][] {
  return syntheticFields(targets, "StackReference").flatMap((reference) =>
    reference.at("outputs", "clusters").entries.flatMap(([cluster, outputs]): [string, string][] => {
      const host = outputs.at("endpoint").text?.replace(/:\d+$/, "");
      const stack = safeWord(reference.at("stack").text ?? "");
      const reason = `is the endpoint of the cluster ${safeWord(cluster)} in the stack ${stack}`;
      return host === undefined ? [] : [[hostKey(host), reason]];
    }),
  );
}
