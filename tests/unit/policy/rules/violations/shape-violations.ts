import type { PolicyTarget } from "../../../../../policy/rules/rule.ts";
import { configOf, objectOf } from "../valid-stack.ts";
import { ruleSettings, type ViolationCase } from "./violation-case.ts";

const raw = (kind: string, name: string) => `${kind} kcm-system/${name}`;
const OWN = raw("K0sControlPlane", "raw-cp");

function deployed(namespace: string): PolicyTarget {
  return {
    at: `ClusterDeployment ${namespace}/edge spec.config`,
    object: {
      apiVersion: "k0rdent.mirantis.com/v1beta1",
      kind: "ClusterDeployment",
      metadata: { name: "edge", namespace },
      spec: {
        template: "nutanix-k0s-hcp-1-0-0",
        config: { nutanix: { prismCentral: {}, controlPlaneEndpoint: { host: "10.1.1.9" } } },
      },
    },
  };
}

export const SHAPE: readonly ViolationCase[] = [
  {
    rule: "cluster-names-are-unique",
    capi: true,
    change: (all) => {
      all.push(deployed("team-a"), deployed("team-b"));
    },
  },
  ...(
    [
      ["127.0.0.0/16", "127.0.0.0/8, the loopback addresses"],
      ["169.254.0.0/18", "169.254.0.0/16, the link-local addresses"],
      ["224.0.0.0/16", "224.0.0.0/3, the multicast and reserved addresses"],
    ] as const
  ).map(
    ([cidr, range]): ViolationCase => ({
      rule: "cluster-networks-do-not-overlap",
      name: `with ${range}`,
      change: (all) => {
        configOf(all, "demo")["clusterNetwork"].services.cidrBlocks = [cidr];
      },
      expected: [
        `clusters.demo.clusterNetwork.services.cidrBlocks.0: "${cidr}" overlaps ${range}; use a private range, such as 10.243.0.0/16`,
      ],
    }),
  ),
  {
    rule: "cluster-networks-do-not-overlap",
    name: "of the k0s configuration of a K0sControlPlane",
    capi: true,
    change: (all) => {
      objectOf(all, OWN)["spec"].k0sConfigSpec.k0s.spec.network = { podCIDR: "10.95.0.0/17" };
    },
    expected: [
      'Cluster kcm-system/raw spec.clusterNetwork.services.cidrBlocks.0: "10.95.0.0/16" overlaps 10.95.0.0/17 of clusterNetwork.pods; use ranges that do not overlap',
    ],
  },
  {
    rule: "cluster-networks-do-not-overlap-node-networks",
    change: (all) => {
      configOf(all, "edge")["clusterNetwork"].pods.cidrBlocks = ["10.200.0.0/16"];
    },
    settings: { networks: { "VM-Network": { cidr: "10.243.7.0/24" } } },
  },
  {
    rule: "k0s-version-is-supported",
    name: "without a balancer of its own",
    change: (all) => {
      configOf(all, "edge")["k0s"].version = "v1.29.2+k0s.0";
    },
    expected: [
      'clusters.edge.loadBalancing.type: "cplb" needs k0s 1.30 or later, but k0s.version is v1.29.2+k0s.0; set kube-vip or external, remove it, or use a later k0s',
    ],
  },
  {
    rule: "machines-have-required-categories",
    change: () => undefined,
    settings: ruleSettings("machines-have-required-categories", { categories: ["owner"] }),
    expected: ["demo", "edge"].map(
      (name) =>
        `clusters.${name}.machineDefaults.additionalCategories: has no category owner; add {key: owner, value: …}`,
    ),
  },
  {
    rule: "clusters-have-required-labels",
    change: () => undefined,
    settings: ruleSettings("clusters-have-required-labels", { labels: { team: "platform" } }),
    expected: [
      'clusters.demo.labels.team: "blue" is not the required value; set team: platform',
      "clusters.edge.labels.team: is missing; set team: platform",
    ],
  },
  {
    rule: "stack-is-within-quota",
    change: () => undefined,
    settings: ruleSettings("stack-is-within-quota", { vcpus: 8 }),
    expected: ["clusters: request 24 vCPUs, more than the quota of 8; reduce the request, or ask for a larger quota"],
  },
  {
    rule: "stack-is-within-quota",
    name: "by all that it asks for",
    capi: true,
    change: () => undefined,
    settings: ruleSettings("stack-is-within-quota", { clusters: 0, machines: 4, vcpus: 19, memoryGib: 31 }),
    expected: [
      "clusters: request 1 clusters, more than the quota of 0; reduce the request, or ask for a larger quota",
      "clusters: request 5 machines, more than the quota of 4; reduce the request, or ask for a larger quota",
      "clusters: request 20 vCPUs, more than the quota of 19; reduce the request, or ask for a larger quota",
      "clusters: request 32 GiB of memory, more than the quota of 31; reduce the request, or ask for a larger quota",
    ],
  },
];
