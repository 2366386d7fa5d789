import * as z from "zod";
import { addons, proxy, ssh } from "./cluster-parts.ts";
import { controlPlaneMachines, failureDomain, machineDefaults, workerMachines, workerPool } from "./machine.ts";
import {
  because,
  cidr,
  count,
  host,
  labels,
  objectName,
  partName,
  plainData,
  port,
  positive,
  referencedName,
  taint,
} from "./primitives.ts";
import { trustBundle } from "./prism-central-settings.ts";

const clusterPrismCentral = z.strictObject({
  address: host.describe("DNS name or IP address of Prism Central, without scheme and port"),
  port: port.default(9440).describe("port of Prism Central"),
  insecure: z
    .boolean()
    .default(false)
    .describe("skip the check of Prism Central's certificate; refused by a rule outside dev"),
  usePerClusterCredential: z
    .boolean()
    .default(false)
    .describe("use a credential of the cluster's own in place of the global one"),
  credentialSecretName: referencedName
    .optional()
    .describe("name of the Secret that CAPX will own; default <cluster>-capx-credentials"),
  additionalTrustBundleConfigMapName: referencedName
    .optional()
    .describe("name of the ConfigMap with the trust bundle that CAPX will own; default <cluster>-pc-ca"),
  trustBundle: trustBundle
    .optional()
    .describe("CA certificates of this Prism Central; default: the stack's, where both name one address"),
});

const nutanix = z.strictObject({
  prismCentral: clusterPrismCentral
    .optional()
    .describe("Prism Central of this cluster; default: the stack's prismCentral"),
  controlPlaneEndpoint: z
    .strictObject({
      host: host.describe("IP address or DNS name that nodes and users reach the API server at"),
      port: port.default(6443).describe("port of the API server"),
    })
    .describe("control plane endpoint: an address of the cluster's own, outside every DHCP and IPAM range"),
});

const k0s = z.strictObject({
  version: z
    .string()
    .regex(/^v\d+\.\d+\.\d+\+k0s\.\d+$/, because("is not a k0s version", 'write it in full, such as "v1.32.6+k0s.0"'))
    .default("v1.32.6+k0s.0")
    .describe("k0s version"),
  worker: z
    .strictObject({ labels: labels.optional(), taints: z.array(taint).optional() })
    .optional()
    .describe("labels and taints of the worker nodes"),
  config: plainData.optional().describe("k0s ClusterConfig, merged over the one that the chart makes"),
});

const network = (block: string) =>
  z.strictObject({
    cidrBlocks: z
      .array(cidr)
      .min(1)
      .refine((blocks) => blocks.length <= 1, {
        error: because("has more than one range, and k0s takes one", "write one range"),
      })
      .meta({ maxItems: 1 })
      .default([block]),
  });

const clusterNetwork = z.strictObject({
  pods: network("10.243.0.0/16")
    .default({ cidrBlocks: ["10.243.0.0/16"] })
    .describe("addresses of pods"),
  services: network("10.95.0.0/16")
    .default({ cidrBlocks: ["10.95.0.0/16"] })
    .describe("addresses of services"),
  serviceDomain: z.string().min(1).default("cluster.local").describe("DNS domain of services"),
});

const loadBalancing = z.strictObject({
  type: z
    .enum(["cplb", "kube-vip", "external"])
    .optional()
    .describe("what holds the endpoint; default: cplb (k0s's own balancer) from k0s 1.30 on, kube-vip below"),
  virtualRouterID: z
    .int()
    .min(1)
    .max(255)
    .optional()
    .describe("VRRP router ID, unique in the node subnet; default: last byte of the endpoint's address"),
  prefixLength: z
    .int()
    .min(1)
    .max(32)
    .optional()
    .describe("prefix length that the address is put on the machines with; default 32"),
});

const common = {
  credential: objectName
    .optional()
    .describe("entry of `credentials` that a per-cluster credential comes from; default: the cluster's name"),
  nutanix,
  machineDefaults,
  worker: workerMachines.optional().describe("what differs for workers"),
  workerPools: z
    .record(partName, workerPool)
    .optional()
    .describe("pools of workers by name, beside the one of `workersNumber`"),
  failureDomains: z
    .record(partName, failureDomain)
    .optional()
    .describe("failure domains by name: places that machines can be spread over"),
  k0s: k0s.default({ version: "v1.32.6+k0s.0" }),
  clusterNetwork: clusterNetwork.default({
    pods: { cidrBlocks: ["10.243.0.0/16"] },
    services: { cidrBlocks: ["10.95.0.0/16"] },
    serviceDomain: "cluster.local",
  }),
  workersNumber: count.default(2).describe("worker machines, beside those of `workerPools`"),
  ssh: ssh.optional().describe("who may log in to the machines"),
  proxy: proxy.optional().describe("HTTP proxy of the machines"),
  addons: addons.optional().describe("parts of Nutanix in the workload cluster"),
  encryptionAtRest: z
    .boolean()
    .default(true)
    .describe("encrypt the workload cluster's Secrets in etcd, with a key that the stack makes once"),
  clusterClass: z
    .boolean()
    .default(false)
    .describe(
      "render a ClusterClass and a Cluster with a topology in place of plain objects; switches Cluster API's gate ClusterTopology on, and is for the cluster's whole life",
    ),
  labels: labels.optional().describe("labels of the ClusterDeployment and of the Cluster"),
  waitForReady: z.boolean().default(true).describe("wait until the cluster is ready, and fail when it is not in time"),
  protect: z.boolean().optional().describe("refuse to delete the cluster; default: true outside dev"),
  values: plainData.optional().describe("merged last into the ClusterDeployment's config, before the rules run"),
};

const hcp = z.strictObject({
  mode: z.literal("hcp").describe("hosted control plane: pods in the management cluster"),
  ...common,
  controlPlaneNumber: positive.default(3).describe("replicas of the hosted control plane"),
});

const standalone = z.strictObject({
  mode: z.literal("standalone").describe("control plane on machines of the cluster's own"),
  ...common,
  controlPlane: controlPlaneMachines.optional().describe("what differs for control plane machines"),
  controlPlaneNumber: positive
    .max(9, because("is more than the 9 members that an etcd is kept to", "write 3, 5 or 7"))
    .default(3)
    .describe("control plane machines: an odd number"),
  loadBalancing: loadBalancing.optional().describe("what holds the control plane endpoint"),
  allowControlPlaneRollout: z
    .boolean()
    .default(false)
    .describe("let a change make every control plane machine anew; refused without it"),
});

/** One cluster, in the words of the chart's values, with `mode:` before them. */
export const cluster = z.discriminatedUnion("mode", [hcp, standalone], {
  error: ({ code, input }) => {
    if (code !== "invalid_union") return undefined;
    const isMissing = (input as { mode?: unknown }).mode === undefined;
    return because(isMissing ? "is missing" : "is no mode of a cluster", "write mode: hcp or mode: standalone");
  },
});
export type Cluster = z.infer<typeof cluster>;
export type ClusterInput = z.input<typeof cluster>;

/** Clusters by name. */
export const clusters = z.record(objectName, cluster);
