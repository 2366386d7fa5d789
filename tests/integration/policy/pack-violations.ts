/** One violation of each rule: one changed property of one resource. */
import { pem } from "../../support/stack-fixture.ts";
import { expiring } from "../../unit/policy/expiring.ts";
import { type PackResource, type ValidResources, validResources } from "./pack-fixture.ts";
import type { PolicyConfig } from "./pack-server.ts";

export interface PackViolation {
  readonly rule: string;
  readonly of: keyof ValidResources;
  /** Path of the property in the resource's inputs, with slashes. */
  readonly path: string;
  /** Undefined: the property is removed. */
  readonly value: unknown;
  /** The path that the message starts with. */
  readonly at: string;
  /** Changes that the violation needs. */
  readonly given?: (resources: ValidResources) => void;
  /** Pulumi's own configuration of the policy. */
  readonly config?: PolicyConfig;
  /** Whether it shows only together with another resource. */
  readonly together?: true;
}

const HOST = "spec/config/nutanix/controlPlaneEndpoint/host";
const PRISM_CENTRAL = "spec/config/nutanix/prismCentral";
const EDGE = "ClusterDeployment kcm-system/edge";

/** Makes the hosted cluster a standalone one in the subnet of the other. */
function standaloneDemo({ demo, edge }: ValidResources): void {
  const { config } = demo.props["spec"];
  demo.props["spec"].template = edge.props["spec"].template;
  config.machineDefaults.subnets = edge.props["spec"].config.machineDefaults.subnets;
  config.controlPlaneNumber = 3;
  config.controlPlane = { memorySize: "8Gi" };
  config.loadBalancing = { type: "cplb", virtualRouterID: 200 };
}

type More = Partial<Pick<PackViolation, "at" | "given" | "config" | "together">>;
const ROWS: readonly [rule: string, of: keyof ValidResources, path: string, value: unknown, more?: More][] = [
  [
    "encryption-keys-are-not-shared",
    "demo",
    "spec/config/encryptionAtRest",
    { secretName: "edge-encryption-at-rest" },
    { at: "ClusterDeployment kcm-system/demo spec.config.encryptionAtRest.secretName" },
  ],
  ["prism-central-tls-is-verified", "demo", `${PRISM_CENTRAL}/insecure`, true],
  [
    "prism-central-address-is-a-host",
    "demo",
    `${PRISM_CENTRAL}/address`,
    "https://admin:canary@prism-central.example.com:9440",
  ],
  ["trust-bundle-has-ca-crt-key", "bundle", "data/ca.crt", undefined, { at: "ConfigMap kcm-system/edge-pc-ca" }],
  ["trust-bundle-is-valid", "bundle", "data/ca.crt", pem("expired"), { at: "ConfigMap kcm-system/edge-pc-ca[0]" }],
  ["endpoint-is-routable", "demo", HOST, "127.0.0.1"],
  ["endpoint-is-not-prism-central", "demo", HOST, "prism-central.example.com"],
  ["endpoint-is-outside-cluster-networks", "edge", HOST, "10.244.0.9"],
  ["load-balanced-endpoint-is-an-ip-address", "edge", HOST, "edge.example.com"],
  ["endpoints-are-unique", "edge", HOST, "10.1.1.200", { together: true }],
  [
    "router-ids-are-unique",
    "edge",
    "spec/config/loadBalancing/virtualRouterID",
    200,
    { given: standaloneDemo, together: true },
  ],
  ["control-plane-count-is-odd", "edge", "spec/config/controlPlaneNumber", 4],
  ["production-control-plane-is-redundant", "edge", "spec/config/controlPlaneNumber", 1],
  ["machines-meet-capx-minimums", "edge", "spec/config/machineDefaults/memorySize", "1Gi"],
  ["cluster-networks-do-not-overlap", "edge", "spec/config/clusterNetwork/services/cidrBlocks/0", "10.244.8.0/24"],
  [
    "clusters-avoid-capx-faults",
    "edge",
    "spec/config/machineDefaults/image",
    { type: "name", name: "ubuntu's" },
    { together: true, at: `${EDGE} spec.config.machineDefaults.image.name` },
  ],
  ["k0s-version-is-supported", "edge", "spec/config/k0s/version", "v1.31.1+k0s.0"],
  ["k0s-version-is-maintained", "edge", "spec/config/k0s/version", "v1.31.2+k0s.0"],
  [
    "k0s-config-is-valid",
    "edge",
    "spec/config/k0s/config",
    { spec: { telemetri: {} } },
    { at: `${EDGE} spec.config.k0s.config.spec.telemetri` },
  ],
  [
    "k0s-config-repeats-no-other-setting",
    "edge",
    "spec/config/k0s/config",
    { spec: { network: { podCIDR: "10.9.0.0/16" } } },
    { at: `${EDGE} spec.config.k0s.config.spec.network.podCIDR` },
  ],
  [
    "capx-owned-objects-are-not-shared",
    "edge",
    `${PRISM_CENTRAL}/credentialSecretName`,
    "demo-capx-credentials",
    { together: true },
  ],
  ["kcm-and-capx-versions-are-compatible", "kcm", "version", "1.99.0"],
  [
    "kcm-and-capx-versions-are-compatible",
    "capx",
    "values/capx/version",
    "v1.9.3",
    { together: true, at: "Release kcm-system/nutanix-capx inputs.version" },
  ],
  ["kcm-version-is-tested", "kcm", "version", "1.12.0"],
  ["charts-use-tls", "kcm", "chart", "http://charts.example.com/kcm.tgz"],
  ["prism-central-tls-is-verified", "nutanix", "spec/prismCentral/insecure", true],
  ["prism-central-address-is-a-dns-name", "demo", `${PRISM_CENTRAL}/address`, "10.1.1.100"],
  [
    "ccm-verifies-prism-central",
    "edge",
    "spec/config/addons",
    { ccm: { enabled: true, version: "0.6.2", trustBundle: "-----BEGIN CERTIFICATE-----" } },
    { at: `${EDGE} spec.config.addons.ccm.version` },
  ],
  ["capx-verifies-prism-central", "edge", `${PRISM_CENTRAL}/additionalTrustBundleConfigMapName`, "edge-pc-ca"],
  [
    "api-server-access-is-restricted",
    "edge",
    "spec/config/k0s/config",
    { spec: { api: { extraArgs: { "anonymous-auth": "true" } } } },
    { at: `${EDGE} spec.config.k0s.config.spec.api.extraArgs.anonymous-auth` },
  ],
  [
    "workload-charts-verify-tls",
    "controlPlane",
    "spec/k0sConfigSpec/k0s/spec/extensions/helm/repositories/0/insecure",
    true,
  ],
  ["flux-sources-verify-tls", "source", "spec/url", "http://charts.example.com"],
  [
    "trust-bundle-signatures-are-strong",
    "bundle",
    "data/ca.crt",
    pem("sha1"),
    { at: "ConfigMap kcm-system/edge-pc-ca[0]" },
  ],
  [
    "trust-bundle-does-not-expire-soon",
    "bundle",
    "data/ca.crt",
    expiring(20).pem,
    { at: "ConfigMap kcm-system/edge-pc-ca[0]" },
  ],
  ["ports-are-valid", "nutanix", "spec/controlPlaneEndpoint/port", 0],
  [
    "endpoint-is-outside-ip-pools",
    "demo",
    HOST,
    "10.1.1.150",
    { config: { networks: { lab: { cidr: "10.1.1.0/24", pools: ["10.1.1.100-10.1.1.180"] } } } },
  ],
  [
    "load-balanced-endpoint-is-in-node-subnet",
    "edge",
    HOST,
    "10.7.7.7",
    { config: { networks: { "Edge-Network": { cidr: "10.1.1.0/24" } } } },
  ],
  ["endpoint-is-not-used-by-peer-stacks", "demo", HOST, "10.9.9.9", { config: { usedEndpoints: ["10.9.9.9"] } }],
  ["credentials-are-not-shared", "edge", "spec/credential", "demo-nutanix", { together: true }],
  ["clusters-use-dedicated-credentials", "demo", `${PRISM_CENTRAL}/usePerClusterCredential`, false],
  [
    "capx-owned-objects-are-not-referenced-elsewhere",
    "edge",
    `${PRISM_CENTRAL}/credentialSecretName`,
    "edge-nutanix-identity",
  ],
  [
    "prism-central-user-is-not-admin",
    "login",
    "stringData/credentials",
    JSON.stringify([{ data: { prismCentral: { username: "admin", password: "canary" } } }]),
  ],
  [
    "credentials-are-rotated",
    "login",
    "metadata/annotations",
    { "k0rdent-nutanix/rotated": "2020-01-01" },
    { at: "Secret kcm-system/raw-capx metadata.annotations.k0rdent-nutanix/rotated" },
  ],
  [
    "ccm-credential-is-propagated",
    "edge",
    "spec/propagateCredentials",
    false,
    {
      given: ({ edge }) => {
        edge.props["spec"].config.addons = { ccm: { enabled: true } };
      },
    },
  ],
  [
    "secrets-are-not-in-plain-text",
    "edge",
    "spec/config/k0s/config",
    { spec: { api: { extraArgs: { "oidc-issuer-url": "https://user:canary@login.example.com" } } } },
    { at: `${EDGE} spec.config.k0s.config.spec.api.extraArgs.oidc-issuer-url` },
  ],
  ["outputs-do-not-contain-credentials", "stack", "login", "https://reader:canary@example.com", { together: true }],
  [
    "cluster-names-are-unique",
    "demo",
    "metadata/name",
    "edge",
    {
      given: ({ demo }) => {
        demo.props["metadata"].namespace = "other";
      },
      together: true,
      at: "ClusterDeployment other/edge spec.config",
    },
  ],
  ["control-plane-meets-etcd-minimums", "edge", "spec/config/controlPlane/memorySize", "4Gi"],
  [
    "data-disks-have-distinct-addresses",
    "edge",
    "spec/config/worker",
    {
      dataDisks: [1, 1].map((deviceIndex) => ({
        diskSize: "10Gi",
        deviceProperties: { adapterType: "PCI", deviceIndex },
      })),
    },
    { at: `${EDGE} spec.config.worker.dataDisks.1.deviceProperties.deviceIndex` },
  ],
  ["gpus-and-data-disks-on-workers-only", "edge", "spec/config/controlPlane/gpus", [{ type: "name", name: "A100" }]],
  [
    "cluster-networks-do-not-overlap-node-networks",
    "cluster",
    "spec/clusterNetwork/pods/cidrBlocks/0",
    "10.243.0.0/17",
    { config: { networks: { lab: { cidr: "10.243.1.0/24" } } } },
  ],
  ["cluster-networks-fit-node-count", "edge", "spec/config/clusterNetwork/pods/cidrBlocks/0", "10.244.0.0/22"],
  [
    "environments-do-not-share-subnets",
    "edge",
    "metadata/labels",
    { environment: "lab" },
    {
      given: ({ demo, edge }) => {
        demo.props["spec"].config.machineDefaults.subnets = edge.props["spec"].config.machineDefaults.subnets;
      },
      together: true,
      at: `${EDGE} spec.config.machineDefaults.subnets.0`,
    },
  ],
  [
    "machines-have-required-categories",
    "machines",
    "spec/template/spec/additionalCategories",
    [{ key: "other", value: "x" }],
    {
      config: { categories: ["owner"] },
      given: ({ edge, demo }) => {
        for (const { props } of [edge, demo]) {
          props["spec"].config.machineDefaults.additionalCategories = [{ key: "owner", value: "x" }];
        }
      },
    },
  ],
  [
    "clusters-have-required-labels",
    "demo",
    "metadata/labels/team",
    "blue",
    {
      config: { labels: { team: "platform" } },
      given: ({ edge, demo }) => {
        for (const { props } of [edge, demo]) props["metadata"].labels = { team: "platform" };
      },
    },
  ],
  ["stack-is-within-quota", "edge", "spec/config/workersNumber", 9, { config: { machines: 11 }, at: "clusters" }],
  [
    "charts-use-allowed-registries",
    "kcm",
    "chart",
    "oci://elsewhere.example.com/kcm",
    { config: { registries: ["oci://ghcr.io/k0rdent", "https://charts.example.com"] } },
  ],
  [
    "images-use-allowed-registries",
    "capx",
    "values/server",
    { image: "docker.io/nginx" },
    {
      config: { registries: ["registry.example.com"] },
      at: "Release kcm-system/nutanix-capx inputs.values.server.image",
    },
  ],
  [
    "templates-use-allowed-sources",
    "template",
    "spec/helm/chartSpec/sourceRef/name",
    "elsewhere",
    { config: { sources: ["charts"] } },
  ],
  [
    "k0s-download-uses-tls",
    "edge",
    "spec/config/global",
    { k0sURL: "http://mirror.example.com" },
    { at: `${EDGE} spec.config.global.k0sURL` },
  ],
  ["provider-chart-is-built-in", "capx", "chart", "oci://ghcr.io/k0rdent-oot/oot/charts/nutanix-capx"],
];

export const PACK_VIOLATIONS: readonly PackViolation[] = ROWS.map(([rule, of, path, value, more]) => ({
  rule,
  of,
  path,
  value,
  at: defaultPath(of, path),
  ...more,
}));

/** The path of a property as rules name it. */
function defaultPath(of: keyof ValidResources, path: string): string {
  const { type, props } = validResources()[of];
  const keys = path.replaceAll("/", ".");
  const kind = type.split(":").at(-1);
  if (kind === "Stack") return `Stack.outputs.${keys}`;
  if (kind === "Release") return `Release ${props["namespace"]}/${props["name"]} inputs.${keys}`;
  return `${kind} ${props["metadata"].namespace}/${props["metadata"].name} ${keys}`;
}

/** Sets a property, or removes it. */
export function put({ props }: PackResource, path: string, value: unknown): void {
  const keys = path.split("/");
  const last = keys.pop() ?? "";
  const parent = keys.reduce((map, key) => map[key], props);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
}
