import type { PolicyTarget } from "../../../../../policy/rules/rule.ts";
import { configOf, specOf, targetAt } from "../valid-stack.ts";
import { ruleSettings, type ViolationCase } from "./violation-case.ts";

const host =
  (value: string, cluster = "demo"): ViolationCase["change"] =>
  (all) => {
    configOf(all, cluster)["nutanix"].controlPlaneEndpoint.host = value;
  };
const REACHABLE = "use a free IPv4 address of the nodes' network, outside every DHCP and IPAM range";
const PLACE = "clusters.demo.nutanix.controlPlaneEndpoint.host";

const unreachable = (value: string, reason: string): ViolationCase => ({
  rule: "endpoint-is-routable",
  name: value,
  change: host(value),
  expected: [`${PLACE}: "${value}" ${reason}; ${REACHABLE}`],
});

export const ENDPOINT: readonly ViolationCase[] = [
  unreachable("0.0.0.0", "is the unspecified address, which machines cannot reach"),
  unreachable("169.254.0.9", "is a link-local address, which machines cannot reach"),
  unreachable("224.0.0.9", "is a multicast address, which machines cannot reach"),
  unreachable("255.255.255.255", "is the broadcast address, which machines cannot reach"),
  unreachable("198.51.100.7", "is in a range reserved for documentation or future use, which machines cannot reach"),
  unreachable("fd00::1", "is an IPv6 address, and CAPX machines have IPv4 addresses only"),
  ...["10.1.1", "0x7f.0.0.1", "10.1.1.0xc9", "127.0.0.0x1", "172.017.0.1", "a.b.0x"].map((value) =>
    unreachable(value, "is neither an IPv4 address nor a fully qualified domain name"),
  ),
  ...["localhost", "localhost.localdomain", "LocalHost4.example.com", "api.localhost", "ip6-localhost"].map((value) =>
    unreachable(value, "is a name of the machine itself"),
  ),
  {
    rule: "ports-are-valid",
    name: "of the global credentials",
    change: (all) => {
      specOf(all, "prismCentral")["port"] = 0;
    },
    expected: ["prismCentral.port: 0 is not a valid port; use an integer from 1 to 65535"],
  },
  ...([2380, 8132, 9443, 10250] as const).map((port): ViolationCase => {
    const owner = { 2380: "etcd", 8132: "konnectivity", 9443: "k0s's join API", 10250: "the kubelet" }[port];
    return {
      rule: "ports-are-valid",
      name: `of a standalone endpoint on ${port}`,
      change: (all) => {
        configOf(all, "edge")["nutanix"].controlPlaneEndpoint.port = port;
      },
      expected: [`clusters.edge.nutanix.controlPlaneEndpoint.port: ${port} is the port of ${owner}; use 6443`],
    };
  }),
  {
    rule: "ports-are-valid",
    name: "of a hosted endpoint on the port of konnectivity, and on one of machines alone",
    change: (all) => {
      configOf(all, "demo")["nutanix"].controlPlaneEndpoint.port = 8132;
      const far = structuredClone(targetAt(all, "clusters.demo"));
      all.push({ ...far, at: "clusters.far" });
      configOf(all, "far")["nutanix"].controlPlaneEndpoint.port = 10250;
    },
    expected: ["clusters.demo.nutanix.controlPlaneEndpoint.port: 8132 is the port of konnectivity; use 6443"],
  },
  {
    rule: "ports-are-valid",
    name: "of a hosted endpoint on another port of konnectivity",
    change: (all) => {
      Object.assign(configOf(all, "demo"), { k0smotron: { service: { konnectivityPort: 6443 } } });
    },
    expected: ["clusters.demo.nutanix.controlPlaneEndpoint.port: 6443 is the port of konnectivity; use 6443"],
  },
  {
    rule: "endpoint-is-not-prism-central",
    name: "of the global credentials, in another spelling",
    change: (all) => {
      specOf(all, "prismCentral")["address"] = "0x0a.1.1.222";
      host("10.1.1.222")(all);
    },
    expected: [`${PLACE}: "10.1.1.222" is the address of Prism Central; reserve a dedicated address for the cluster`],
  },
  {
    rule: "endpoint-is-outside-ip-pools",
    change: () => undefined,
    settings: { networks: { "VM-Network": { cidr: "10.1.1.0/24", pools: ["10.1.1.128/25"] } } },
    expected: [
      `${PLACE}: "10.1.1.200" is inside 10.1.1.128/25, a pool of networks.VM-Network; use an address outside it, or exclude the address from the pool`,
      `clusters.edge.nutanix.controlPlaneEndpoint.host: "10.1.1.201" is inside 10.1.1.128/25, a pool of networks.VM-Network; use an address outside it, or exclude the address from the pool`,
    ],
  },
  {
    rule: "endpoint-is-outside-ip-pools",
    name: "declared for the rule alone",
    change: () => undefined,
    settings: ruleSettings("endpoint-is-outside-ip-pools", {
      networks: { lab: { cidr: "10.1.1.0/24", pools: ["10.1.1.150-10.1.1.200"] } },
    }),
    expected: [
      `${PLACE}: "10.1.1.200" is inside 10.1.1.150-10.1.1.200, a pool of networks.lab; use an address outside it, or exclude the address from the pool`,
    ],
  },
  {
    rule: "load-balanced-endpoint-is-in-node-subnet",
    change: () => undefined,
    settings: { networks: { "550e8400-e29b-41d4-a716-446655440002": { cidr: "10.9.9.0/24" } } },
  },
  {
    rule: "endpoints-are-unique",
    name: "between a ClusterDeployment and a NutanixCluster",
    capi: true,
    change: (all) => {
      const other = structuredClone(all.filter(({ at }) => at.startsWith("NutanixCluster")));
      for (const one of other) {
        Object.assign(one, { at: "NutanixCluster kcm-system/two" });
        (one.object as { metadata: object }).metadata = { name: "two", namespace: "kcm-system" };
      }
      all.push(...other);
    },
    expected: [
      'NutanixCluster kcm-system/two spec.controlPlaneEndpoint.host: "10.1.1.210" is the endpoint of NutanixCluster kcm-system/raw-nutanix too; reserve an address for each cluster',
    ],
  },
  {
    rule: "endpoint-is-not-used-by-peer-stacks",
    change: (all) => {
      all.push(stackReference({ clusters: { far: { endpoint: "10.1.1.200:6443" } } }));
    },
  },
  {
    rule: "endpoint-is-not-used-by-peer-stacks",
    name: "ruleSettings by a setting",
    change: () => undefined,
    settings: { rules: { "endpoint-is-not-used-by-peer-stacks": { usedEndpoints: ["10.1.1.200"] } } },
    expected: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is used by another stack according to policy.endpoint-is-not-used-by-peer-stacks.usedEndpoints; reserve an address for each cluster',
    ],
  },
  {
    rule: "router-ids-are-unique",
    change: (all) => {
      const edge = configOf(all, "edge");
      Object.assign(configOf(all, "demo"), {
        loadBalancing: edge["loadBalancing"],
        machineDefaults: edge["machineDefaults"],
      });
    },
  },
];

function stackReference(outputs: object): PolicyTarget {
  return {
    at: "StackReference",
    object: {
      apiVersion: "k0rdent-nutanix/facts",
      kind: "StackReference",
      metadata: { name: "other" },
      spec: { stack: "organization/k0rdent-nutanix/other", outputs },
    },
  };
}
