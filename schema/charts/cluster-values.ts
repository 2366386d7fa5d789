/**
 * Values of the cluster charts: the keys of a cluster in a stack file, and those that kcm and the program add. Helm reads them without
 * this project's rules, so limits of CAPX and k0smotron that are rules there are part of the schema here.
 */
import * as z from "zod";
import { REJECTED_K0S } from "../../policy/rules/versions.ts";
import { hcp, standalone } from "../cluster.ts";
import { because, port, referencedName } from "../primitives.ts";
import { controlPlane, failureDomains, machineDefaults, worker, workerPools } from "./machine-values.ts";
import { dnsName, hostName, keysOf, notMatching, optional, pem } from "./value-types.ts";

const { nutanix, k0s, clusterNetwork, ssh, proxy, addons, workersNumber, clusterClass } = hcp.shape;

const stackPrismCentral = nutanix.shape.prismCentral.unwrap().shape;
const { trustBundle: _, ...prismCentralShape } = stackPrismCentral;
const prismCentral = keysOf(
  z.strictObject({
    ...prismCentralShape,
    address: hostName.optional().describe(stackPrismCentral.address.description ?? ""),
    insecure: prismCentralShape.insecure.describe("skip the check of Prism Central's certificate"),
    credentialSecretName: referencedName
      .optional()
      .describe("Secret with the key `credentials`; CAPX takes ownership and deletes it with the cluster"),
    additionalTrustBundleConfigMapName: referencedName
      .optional()
      .describe(
        "ConfigMap with the key `ca.crt`; CAPX takes ownership, deletes it with the cluster, and up to 1.10 then does not verify Prism Central: use trustBundles of cluster-api-provider-nutanix",
      ),
  }),
  ["usePerClusterCredential", true],
  {
    required: ["address", "credentialSecretName"],
    only: ["credentialSecretName", "additionalTrustBundleConfigMapName"],
  },
);

const endpoint = nutanix.shape.controlPlaneEndpoint;
const controlPlaneEndpoint = z.strictObject({
  ...endpoint.shape,
  host: notMatching(hostName, "^(0\\.0\\.0\\.0|127\\.0\\.0\\.1|localhost)$", "is not reachable from machines").describe(
    endpoint.shape.host.description ?? "",
  ),
});

const stackK0s = k0s.unwrap().shape;
const provider = z
  .enum(["kuberouter", "calico", "custom"])
  .optional()
  .describe(
    "network provider; like every field of spec it overrides the chart's own, and Helm extensions are appended",
  );
const k0sConfig = z.strictObject({
  apiVersion: z.literal("k0s.k0sproject.io/v1beta1").optional().describe("API version of the ClusterConfig"),
  kind: z.literal("ClusterConfig").optional().describe("kind of the ClusterConfig"),
  metadata: z.looseObject({}).optional().describe("metadata of the ClusterConfig"),
  spec: z.looseObject({ network: z.looseObject({ provider }).optional() }).optional(),
});
const rejected = Object.keys(REJECTED_K0S).map((version) => `^v${version.replaceAll(".", "\\.")}\\+`);

const stackAddons = addons.unwrap().shape;
const { storageContainer: __, ...csiShape } = stackAddons.csi.unwrap().shape;
const ccmShape = stackAddons.ccm.unwrap().shape;

const common = {
  kcmLine: optional(z.enum(["", "1.2", "1.11"]), "").describe(
    "API versions of the objects: empty uses those that the management cluster serves, 1.2 and 1.11 force those of that kcm",
  ),
  clusterIdentity: optional(z.looseObject({}).nullable(), {}).describe("set by kcm"),
  clusterLabels: optional(z.record(z.string(), z.string()).nullable(), {}).describe(
    "labels of the Cluster; kcm adds its own",
  ),
  global: optional(z.looseObject({}).nullable(), {}).describe(
    "set by kcm: registry, registryCertSecret, registryCredentialSecret, k0sURL and k0sURLCertSecret are used",
  ),
  "nutanix-k0s-lib": z.looseObject({}).optional().describe("set by Helm for the library chart"),
  nutanix: z.strictObject({ prismCentral, controlPlaneEndpoint }),
  machineDefaults,
  worker,
  workerPools,
  failureDomains,
  k0s: z.strictObject({
    version: notMatching(
      z.string().regex(/^v1\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\+k0s\.(0|[1-9][0-9]*)$/),
      rejected.join("|"),
      "is a k0s version that k0smotron rejects",
    )
      .default(stackK0s.version.def.defaultValue)
      .describe("k0s version"),
    worker: stackK0s.worker.meta({ default: {} }),
    config: optional(k0sConfig, {}).describe("k0s ClusterConfig, merged over the chart's own"),
  }),
  clusterNetwork: z.strictObject({
    ...clusterNetwork.unwrap().shape,
    serviceDomain: optional(dnsName, "cluster.local").describe("DNS domain of Services"),
  }),
  ssh: optional(
    z
      .strictObject({
        user: ssh
          .unwrap()
          .shape.user.meta({ not: { const: "root" } })
          .optional(),
        publicKeys: ssh.unwrap().shape.publicKeys.optional(),
      })
      .refine(({ user, publicKeys }) => (user === undefined) === (publicKeys === undefined), {
        error: because("has a user without keys, or keys without a user", "set both"),
      })
      .meta({ dependencies: { user: ["publicKeys"], publicKeys: ["user"] } }),
    {},
  ),
  proxy: proxy.meta({ default: {} }),
  addons: optional(
    z.strictObject({
      ccm: optional(
        z.strictObject({
          ...ccmShape,
          enabled: ccmShape.enabled.default(false),
          ignoredNodeIPs: ccmShape.ignoredNodeIPs.meta({ default: [] }),
          trustBundle: optional(pem, "").describe("CA certificates of Prism Central, as PEM text"),
        }),
        {},
      ),
      csi: optional(
        z.strictObject({
          ...csiShape,
          enabled: csiShape.enabled.default(false),
          version: z
            .string()
            .regex(/^v?([3-9]|[1-9][0-9]+)\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$/)
            .default(csiShape.version.def.defaultValue)
            .describe(csiShape.version.description ?? ""),
        }),
        {},
      ),
    }),
    {},
  ),
  encryptionAtRest: optional(
    z.strictObject({
      secretName: referencedName
        .optional()
        .describe(
          "Secret with an EncryptionConfiguration under encryption-config.yaml, which encrypts Secrets in etcd",
        ),
    }),
    {},
  ),
  clusterClass: optional(z.boolean(), false).describe(clusterClass.description ?? ""),
  workersNumber,
};

const hcpValues = z.strictObject({
  ...common,
  controlPlaneNumber: hcp.shape.controlPlaneNumber,
  etcd: hcp.shape.etcd.unwrap(),
  k0smotron: z.strictObject({
    service: z.strictObject({
      pinAddress: z
        .boolean()
        .default(true)
        .describe(
          "requests the endpoint's address from MetalLB, kube-vip and Cilium by annotations; not where the endpoint is a name",
        ),
      annotations: optional(z.record(z.string(), z.string()), {}).describe(
        "further annotations of the control plane's Service",
      ),
      loadBalancerClass: optional(z.string(), "").describe("load balancer class of the Service"),
      konnectivityPort: port.default(8132).describe("port of konnectivity at the endpoint"),
    }),
  }),
});

const stackLoadBalancing = standalone.shape.loadBalancing.unwrap().shape;
const cplbKeys = ["virtualRouterID", "prefixLength", "authPass"];
const loadBalancing = keysOf(
  z.strictObject({
    ...stackLoadBalancing,
    virtualRouterID: stackLoadBalancing.virtualRouterID.describe(
      "VRRP router ID, 1 to 255, unique in the node subnet; required for cplb",
    ),
    prefixLength: stackLoadBalancing.prefixLength.describe(
      "prefix length of the endpoint's address; required for cplb",
    ),
    type: z
      .enum(["cplb", "kube-vip", "external"])
      .default("cplb")
      .describe("what provides the control plane endpoint: cplb is k0s's own load balancer, from k0s 1.30 on"),
    authPass: z
      .string()
      .min(1)
      .max(8)
      .optional()
      .describe("prevents accidents, not attacks: it is in plain text in the k0s configuration; required for cplb"),
  }),
  ["type", "cplb"],
  { required: cplbKeys, only: cplbKeys },
);

const standaloneValues = z.strictObject({
  ...common,
  controlPlane,
  controlPlaneNumber: z
    .literal([1, 3, 5, 7, 9])
    .default(3)
    .describe(standalone.shape.controlPlaneNumber.description ?? ""),
  loadBalancing,
  kubeVip: z.strictObject({
    repository: z
      .string()
      .regex(/^https:\/\//)
      .default("https://kube-vip.github.io/helm-charts")
      .describe("repository of the chart kube-vip"),
    version: z.string().min(1).default("0.6.1").describe("version of that chart"),
  }),
});

export const clusterValues = { hcp: hcpValues, standalone: standaloneValues };
