import type { PolicyTarget } from "../../../../../policy/rules/rule.ts";
import { configOf, objectOf } from "../valid-stack.ts";
import { ruleSettings, type ViolationCase } from "./violation-case.ts";

const set =
  (cluster: string, key: string, value: unknown): ViolationCase["change"] =>
  (all) => {
    configOf(all, cluster)[key] = value;
  };
const raw = (kind: string, name: string) => `${kind} kcm-system/${name}`;
const OWN = raw("K0sControlPlane", "raw-cp");
const DISK = (adapterType: string, deviceIndex: number) => ({
  diskSize: "10Gi",
  deviceProperties: { deviceType: "Disk", adapterType, deviceIndex },
});

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
  { rule: "control-plane-count-is-odd", change: set("edge", "controlPlaneNumber", 4) },
  {
    rule: "control-plane-count-is-odd",
    name: "of a K0sControlPlane",
    capi: true,
    change: (all) => {
      objectOf(all, OWN)["spec"].replicas = 2;
    },
    expected: [`${OWN} spec.replicas: 2 is an even number of etcd members; set 1 or 3`],
  },
  { rule: "production-control-plane-is-redundant", change: set("edge", "controlPlaneNumber", 1) },
  {
    rule: "cluster-names-are-unique",
    capi: true,
    change: (all) => {
      all.push(deployed("team-a"), deployed("team-b"));
    },
  },
  {
    rule: "machines-meet-capx-minimums",
    change: (all) => {
      configOf(all, "edge")["controlPlane"].memorySize = "1Gi";
    },
  },
  {
    rule: "machines-meet-capx-minimums",
    name: "of a pool, with a data disk too small",
    change: set("demo", "workerPools", {
      batch: { replicas: 1, systemDiskSize: "10Gi", dataDisks: [{ diskSize: "512Mi" }] },
    }),
    expected: [
      'clusters.demo.workerPools.batch.systemDiskSize: "10Gi" is less than the 20Gi that CAPX needs; set 20Gi or more',
      'clusters.demo.workerPools.batch.dataDisks.0.diskSize: "512Mi" is less than the 1Gi that CAPX needs; set 1Gi or more',
    ],
  },
  {
    rule: "machines-meet-capx-minimums",
    name: "of a NutanixMachineTemplate",
    capi: true,
    change: (all) => {
      objectOf(all, raw("NutanixMachineTemplate", "raw-md-mt"))["spec"].template.spec.vcpuSockets = 0;
    },
    expected: [
      "NutanixMachineTemplate kcm-system/raw-md-mt spec.template.spec.vcpuSockets: 0 is less than the 1 that CAPX needs; set 1 or more",
    ],
  },
  {
    rule: "control-plane-meets-etcd-minimums",
    change: (all) => {
      configOf(all, "edge")["controlPlane"].memorySize = "4Gi";
    },
  },
  {
    rule: "control-plane-meets-etcd-minimums",
    name: "by vCPUs, of a machine template that a K0sControlPlane names",
    capi: true,
    change: (all) => {
      objectOf(all, raw("NutanixMachineTemplate", "raw-cp-mt"))["spec"].template.spec.vcpuSockets = 1;
    },
    expected: [
      "NutanixMachineTemplate kcm-system/raw-cp-mt spec.template.spec.vcpuSockets: 1 makes 1 vCPU, less than the 2 that etcd recommends; set 2 or more in controlPlane",
    ],
  },
  {
    rule: "data-disks-have-distinct-addresses",
    change: (all) => {
      configOf(all, "edge")["worker"] = { dataDisks: [DISK("SCSI", 2), DISK("SCSI", 2)] };
    },
  },
  {
    rule: "data-disks-have-distinct-addresses",
    name: "of a NutanixMachineTemplate, which CAPX numbers",
    capi: true,
    change: (all) => {
      objectOf(all, raw("NutanixMachineTemplate", "raw-md-mt"))["spec"].template.spec.dataDisks = [
        ...[{ diskSize: "10Gi" }, { diskSize: "10Gi" }, DISK("PCI", 0), DISK("PCI", 1), DISK("PCI", 0)],
        DISK("SCSI", 3),
      ];
    },
    expected: [
      "NutanixMachineTemplate kcm-system/raw-md-mt spec.template.spec.dataDisks.1.deviceProperties.deviceIndex: is unset or 0, and CAPX gives the disk the address SCSI.1 of another; set another index",
      "NutanixMachineTemplate kcm-system/raw-md-mt spec.template.spec.dataDisks.4.deviceProperties.deviceIndex: is unset or 0, and CAPX gives the disk the address PCI.1 of another; set another index",
    ],
  },
  {
    rule: "gpus-and-data-disks-on-workers-only",
    change: (all) => {
      configOf(all, "edge")["controlPlane"].gpus = [{ type: "name", name: "A100" }];
    },
  },
  {
    rule: "gpus-and-data-disks-on-workers-only",
    name: "of a machine template that a K0sControlPlane names",
    capi: true,
    change: (all) => {
      objectOf(all, raw("NutanixMachineTemplate", "raw-cp-mt"))["spec"].template.spec.dataDisks = [
        { diskSize: "10Gi" },
      ];
    },
    expected: [
      "NutanixMachineTemplate kcm-system/raw-cp-mt spec.template.spec.dataDisks: is set for control plane machines, which do not use it; move it to worker or a worker pool",
    ],
  },
  {
    rule: "cluster-networks-do-not-overlap",
    change: (all) => {
      configOf(all, "demo")["clusterNetwork"].services.cidrBlocks = ["10.0.0.0/8"];
    },
  },
  {
    rule: "cluster-networks-do-not-overlap",
    name: "of a Cluster",
    capi: true,
    change: (all) => {
      objectOf(all, raw("Cluster", "raw"))["spec"].clusterNetwork.services.cidrBlocks = ["10.243.9.0/24"];
    },
    expected: [
      'Cluster kcm-system/raw spec.clusterNetwork.services.cidrBlocks.0: "10.243.9.0/24" overlaps 10.243.0.0/16 of clusterNetwork.pods; use ranges that do not overlap',
    ],
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
    rule: "cluster-networks-fit-node-count",
    change: (all) => {
      configOf(all, "edge")["clusterNetwork"].pods.cidrBlocks = ["10.243.0.0/22"];
    },
  },
  {
    rule: "cluster-networks-fit-node-count",
    name: "services too few",
    change: (all) => {
      configOf(all, "demo")["clusterNetwork"].services.cidrBlocks = ["10.95.0.0/25"];
    },
    expected: [
      'clusters.demo.clusterNetwork.services.cidrBlocks.0: "10.95.0.0/25" is smaller than /24; use a range between /24 and /12, such as 10.95.0.0/16',
    ],
  },
  {
    rule: "cluster-networks-fit-node-count",
    name: "services too many",
    change: (all) => {
      configOf(all, "demo")["clusterNetwork"].services.cidrBlocks = ["10.0.0.0/11"];
    },
    expected: [
      'clusters.demo.clusterNetwork.services.cidrBlocks.0: "10.0.0.0/11" is larger than the API server limit of /12; use a range between /24 and /12, such as 10.95.0.0/16',
    ],
  },
  {
    rule: "k0s-version-is-supported",
    change: (all) => {
      configOf(all, "demo")["k0s"].version = "v1.31.1+k0s.1";
    },
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
    rule: "k0s-version-is-supported",
    name: "of a K0sControlPlane",
    capi: true,
    change: (all) => {
      objectOf(all, OWN)["spec"].version = "v1.31.1-k0s.0";
    },
    expected: [
      `${OWN} spec.version: "v1.31.1-k0s.0" is rejected by k0smotron's webhook for a known bug; use a later patch release`,
    ],
  },
  {
    rule: "environments-do-not-share-subnets",
    change: (all) => {
      configOf(all, "edge")["machineDefaults"].subnets = [{ type: "name", name: "VM-Network" }];
    },
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
