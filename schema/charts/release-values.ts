/** Values of the charts nutanix-capx and cluster-api-provider-nutanix. */
import * as z from "zod";
import { dnsName, optional, pem } from "./value-types.ts";

const chartVersion = z.string().regex(/^[0-9]+\.[0-9]+\.[0-9]+(-[a-z0-9.-]+)?$/);
const chartVersions = z.array(chartVersion).min(1).meta({ uniqueItems: true });
const CAPX = /^v1\.[0-9]+\.[0-9]+$/;

export const capxValues = z.strictObject({
  kcm: z.strictObject({
    serviceAccount: dnsName
      .default("kcm-controller-manager")
      .describe(
        "ServiceAccount of kcm's controller, which gets kcm's permissions on Nutanix objects; kcm from 1.4 on aggregates them",
      ),
  }),
  capx: optional(
    z.strictObject({
      version: optional(z.union([z.literal(""), z.string().regex(CAPX)]), "").describe(
        "CAPX version that goes with kcm, for the provider's entry in Management",
      ),
    }),
    {},
  ),
  charts: z.strictObject({
    repository: z
      .string()
      .regex(/^(oci:\/\/.+)?$/)
      .default("")
      .describe(
        "OCI registry of the charts, oci://registry.example.com/charts; empty serves them from the ConfigMap nutanix-charts",
      ),
    digest: z
      .string()
      .default("")
      .describe("digest of the ConfigMap; a new one restarts the server and makes Flux reconcile"),
    interval: z
      .string()
      .regex(/^([0-9]+h)?[0-9]+m[0-9]+s$/)
      .default("1m0s")
      .describe("how often Flux reads the charts"),
    clusterDomain: dnsName.default("cluster.local").describe("DNS domain of the management cluster's Services"),
    secretName: optional(z.union([z.literal(""), dnsName]), "").describe(
      "Secret with the registry's credentials; OCI only",
    ),
    insecure: optional(z.boolean(), false).describe("the registry has no TLS; OCI only"),
  }),
  templates: z.strictObject({
    provider: chartVersion.default("1.0.0").describe("version of cluster-api-provider-nutanix"),
    hcp: chartVersions
      .default(["1.0.0"])
      .describe("versions of nutanix-k0s-hcp, oldest first; only append, their objects are immutable"),
    standalone: chartVersions
      .default(["1.0.0"])
      .describe("versions of nutanix-k0s-standalone, oldest first; only append"),
  }),
  server: z.strictObject({
    image: z
      .string()
      .regex(/^[^\s]+(:[^\s:/]+|@sha256:[0-9a-f]{64})$/)
      .default("docker.io/nginxinc/nginx-unprivileged:1.28.0-alpine")
      .describe("image of the web server, by tag or digest"),
    imagePullSecrets: optional(z.array(z.strictObject({ name: dnsName })), []).describe(
      "Secrets for the image's registry",
    ),
    replicas: z.int().min(1).default(1).describe("number of its pods"),
    resources: optional(z.looseObject({}), {
      requests: { cpu: "5m", memory: "16Mi" },
      limits: { memory: "64Mi" },
    }).describe("resources of its container"),
    networkPolicy: z.strictObject({
      enabled: z.boolean().default(true).describe("allows connections from `from` only"),
      from: optional(z.array(z.looseObject({})), [{ podSelector: {} }]).describe(
        "peers that may connect; Flux's source-controller is in the same namespace",
      ),
    }),
  }),
});

export const providerValues = z.strictObject({
  kcmLine: optional(z.enum(["", "1.2", "1.5", "1.11"]), "").describe(
    "fields of the ProviderInterface: empty reads the cluster's CRD, 1.2 is kcm 1.2 to 1.4, 1.5 is 1.5 to 1.10, 1.11 is 1.11 and later",
  ),
  version: z.string().regex(CAPX).describe("CAPX version; it must go with the kcm version"),
  configSecret: z.strictObject({
    name: dnsName.default("nutanix-creds").describe("Secret of CAPX's variables"),
    namespace: dnsName.default("kcm-system").describe("its namespace"),
  }),
  fetchConfig: optional(
    z.strictObject({ oci: z.string().min(1).optional(), url: z.string().min(1).optional() }).meta({ maxProperties: 1 }),
    {},
  ).describe("source of CAPX's components for the Cluster API operator; empty: CAPX's GitHub releases"),
  trustBundles: optional(z.record(z.string().regex(/^[A-Za-z0-9-]+$/), pem), {}).describe(
    "CA certificates that CAPX trusts beside the ones of its image, as PEM texts by name: each becomes a file of its container, in SSL_CERT_DIR",
  ),
  manager: optional(z.looseObject({}), {}).describe("settings of CAPX's manager, in the operator's fields"),
  deployment: optional(z.looseObject({}), {}).describe("settings of CAPX's Deployment, in the operator's fields"),
  global: optional(z.looseObject({}).nullable(), {}).describe(
    "set by kcm: with registry, components and image come from there; imagePullSecrets are used",
  ),
});
