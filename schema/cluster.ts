import * as z from "zod";
import { at, isMap } from "../policy/rules/plain-values.ts";
import { DEFAULT_K0S_VERSION, DEFAULT_KCM_VERSION, lineOf } from "../policy/rules/versions.ts";
import { addons, proxy, ssh } from "./cluster-parts.ts";
import { controlPlaneMachines, failureDomain, machineDefaults, workerMachines, workerPool } from "./machine.ts";
import {
  because,
  cidr,
  count,
  domain,
  host,
  labels,
  nodeLabels,
  objectName,
  partName,
  plainData,
  port,
  positive,
  profileName,
  referencedName,
  taints,
} from "./primitives.ts";
import { prismCentralConnection, trustBundle } from "./prism-central-settings.ts";
import { serviceSettings, services } from "./services.ts";

const clusterPrismCentral = z.strictObject({
  ...prismCentralConnection,
  usePerClusterCredential: z.boolean().default(false).describe("use a dedicated credential instead of the global one"),
  credentialSecretName: referencedName
    .optional()
    .describe("name of the Secret that CAPX owns; default <cluster>-capx-credentials"),
  additionalTrustBundleConfigMapName: referencedName
    .optional()
    .describe(
      "name of a ConfigMap of CAPX with the trust bundle; CAPX up to 1.10 then does not verify Prism Central; default: none, CAPX itself trusts the bundle",
    ),
  trustBundle: trustBundle
    .optional()
    .describe("CA certificates of this Prism Central; default: the stack's, if both have the same address"),
});

const nutanix = z.strictObject({
  prismCentral: clusterPrismCentral
    .optional()
    .describe("Prism Central of this cluster; default: the stack's prismCentral"),
  controlPlaneEndpoint: z
    .strictObject({
      host: host.describe("IP address or DNS name of the API server for nodes and users"),
      port: port.default(6443).describe("port of the API server"),
    })
    .describe("control plane endpoint: a dedicated address, outside every DHCP and IPAM range"),
});

const k0s = z.strictObject({
  version: z
    .string()
    .regex(
      /^v1\.(0|[1-9]\d*)\.(0|[1-9]\d*)\+k0s\.(0|[1-9]\d*)$/,
      because("is not a k0s version", 'use a full version, such as "v1.32.6+k0s.0"'),
    )
    .default(DEFAULT_K0S_VERSION)
    .describe("k0s version; default: the one for the kcm version, this one for kcm 1.2"),
  worker: z
    .strictObject({
      labels: nodeLabels.optional().describe("labels of the worker nodes"),
      taints: taints.optional().describe("taints of the worker nodes"),
      profile: profileName
        .optional()
        .describe("worker profile of the workers, one of `k0s.config.spec.workerProfiles`; default: k0s's `default`"),
    })
    .optional()
    .describe("labels, taints and worker profile of the worker nodes"),
  config: plainData.optional().describe("k0s ClusterConfig, merged over the chart's"),
});

const network = (block: string) => {
  const schema = z.strictObject({
    cidrBlocks: z
      .array(cidr)
      .min(1)
      .refine((blocks) => blocks.length <= 1, {
        error: because("has more than one CIDR block, and k0s supports one", "set one CIDR block"),
      })
      .meta({ maxItems: 1 })
      .default([block]),
  });
  return schema.default(schema.parse({}));
};

const clusterNetwork = z.strictObject({
  pods: network("10.243.0.0/16").describe("CIDR blocks of pods"),
  services: network("10.95.0.0/16").describe("CIDR blocks of Services"),
  serviceDomain: domain.default("cluster.local").describe("DNS domain of Services"),
});

const loadBalancing = z.strictObject({
  type: z
    .enum(["cplb", "kube-vip", "external"])
    .optional()
    .describe("load balancer of the endpoint; default: cplb (k0s's own) from k0s 1.30 on, else kube-vip"),
  virtualRouterID: z
    .int()
    .min(1)
    .max(255)
    .optional()
    .describe("VRRP router ID, unique in the node subnet; default: last byte of the endpoint's address"),
  prefixLength: z.int().min(1).max(32).optional().describe("prefix length of the address on the machines; default: 32"),
});

const common = {
  credential: objectName
    .optional()
    .describe("entry of `credentials` for a per-cluster credential; default: the cluster's name"),
  nutanix,
  machineDefaults,
  worker: workerMachines.optional().describe("overrides for workers"),
  workerPools: z
    .record(partName, workerPool)
    .optional()
    .describe("worker pools by name, in addition to the one of `workersNumber`"),
  failureDomains: z
    .record(partName, failureDomain)
    .optional()
    .describe("failure domains by name, to spread machines over"),
  k0s: k0s.default(k0s.parse({})),
  clusterNetwork: clusterNetwork.default(clusterNetwork.parse({})),
  workersNumber: count.default(2).describe("worker machines, in addition to those of `workerPools`"),
  ssh: ssh.optional().describe("SSH access to the machines"),
  proxy: proxy.optional().describe("HTTP proxy of the machines"),
  addons: addons.optional().describe("Nutanix addons in the workload cluster"),
  services: services.optional().describe("services in the workload cluster, by the names of their Helm releases"),
  serviceSettings: serviceSettings.optional().describe("priority and conflicts of the services"),
  cleanupOnDeletion: z
    .boolean()
    .default(false)
    .describe(
      "delete Services of type LoadBalancer and PersistentVolumeClaims in the workload cluster before its machines; from kcm 1.4 on",
    ),
  encryptionAtRest: z
    .boolean()
    .default(true)
    .describe("encrypt the workload cluster's Secrets in etcd, with a key that the stack generates once"),
  clusterClass: z
    .boolean()
    .default(false)
    .describe(
      "render a ClusterClass and a Cluster with a topology instead of plain objects; enables Cluster API's feature gate ClusterTopology, and is immutable",
    ),
  labels: labels.optional().describe("labels of the ClusterDeployment and of the Cluster"),
  waitForReady: z.boolean().default(true).describe("wait until the cluster is ready, and fail on a timeout"),
  protect: z.boolean().optional().describe("protect the cluster from deletion; default: true outside dev"),
  values: plainData
    .optional()
    .describe("merged last into the ClusterDeployment's config, before policies are evaluated"),
};

export const hcp = z.strictObject({
  mode: z.literal("hcp").describe("hosted control plane: pods in the management cluster"),
  ...common,
  controlPlaneNumber: positive.default(3).describe("replicas of the hosted control plane"),
  etcd: z
    .strictObject({
      autoDeletePVCs: z
        .boolean()
        .default(true)
        .describe(
          "delete the volumes of etcd with the cluster; false keeps them, and a later cluster of the same name gets the old data",
        ),
    })
    .optional()
    .describe("etcd of the hosted control plane"),
});

export const standalone = z.strictObject({
  mode: z.literal("standalone").describe("control plane on dedicated machines"),
  ...common,
  controlPlane: controlPlaneMachines.optional().describe("overrides for control plane machines"),
  controlPlaneNumber: positive
    .max(9, because("is more than 9 etcd members", "set 3, 5 or 7"))
    .default(3)
    .describe("control plane machines: an odd number"),
  loadBalancing: loadBalancing.optional().describe("load balancer of the control plane endpoint"),
  allowControlPlaneRollout: z
    .boolean()
    .default(false)
    .describe("allow a change to replace every control plane machine"),
});

/** A cluster: the chart's values and `mode`. */
export const cluster = z.discriminatedUnion("mode", [hcp, standalone], {
  error: ({ code, input }) => {
    if (code !== "invalid_union") return undefined;
    const isMissing = (input as { mode?: unknown }).mode === undefined;
    return because(isMissing ? "is missing" : "is not a cluster mode", "set mode: hcp or mode: standalone");
  },
});
export type Cluster = z.infer<typeof cluster>;
export type ClusterInput = z.input<typeof cluster>;

/** Clusters by name. */
export const clusters = z.record(objectName, cluster);

/** A cluster as it was written, with the k0s of the kcm version if it sets none. Data of another shape stays as it is. */
export function withDefaultK0s(cluster: unknown, kcmVersion: unknown = DEFAULT_KCM_VERSION): unknown {
  const version = typeof kcmVersion === "string" ? lineOf(kcmVersion)?.defaultK0s : undefined;
  const k0s = at(cluster, "k0s") ?? {};
  if (!isMap(cluster) || !isMap(k0s) || version === undefined || k0s["version"] !== undefined) return cluster;
  return { ...cluster, k0s: { ...k0s, version } };
}
