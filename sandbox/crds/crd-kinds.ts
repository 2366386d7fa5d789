/** The kinds that the two supported lines install, as data, for a machine that has none of the released definitions. */

export type CrdLine = "1.2" | "1.11";

/** A property by name; `!` after the name makes it required. */
export type Properties = Readonly<Record<string, Schema>>;
export type Schema = Readonly<Record<string, unknown>>;

export interface CrdKind {
  group: string;
  kind: string;
  scope: "Namespaced" | "Cluster";
  short: readonly string[];
  lines: readonly CrdLine[];
  /** Known fields of the spec. Undefined: any. */
  spec?: Properties;
  rules?: readonly { rule: string; message: string }[];
  /** Printed columns: title and JSON path. */
  columns?: Readonly<Record<string, string>>;
  status: boolean;
}

export const LINES: readonly CrdLine[] = ["1.2", "1.11"];
const any: Schema = { "x-kubernetes-preserve-unknown-fields": true };
const text: Schema = { type: "string" };
const flag: Schema = { type: "boolean" };
const texts: Schema = { type: "array", items: text };
const immutable = { rule: "self == oldSelf", message: "Spec is immutable" };

/** An object schema that knows only these properties. */
export function object(properties: Properties): Schema {
  const entries = Object.entries(properties).map(([name, schema]) => [name.replace("!", ""), schema] as const);
  const required = Object.keys(properties).filter((name) => name.endsWith("!"));
  return {
    type: "object",
    properties: Object.fromEntries(entries),
    ...(required.length > 0 ? { required: required.map((name) => name.slice(0, -1)) } : {}),
  };
}

const list = (properties: Properties): Schema => ({ type: "array", items: object(properties) });

const helm = object({
  chartRef: object({ apiVersion: text, "kind!": text, "name!": text, namespace: text }),
  // Typed, since a rule asks for it.
  chartSource: { type: "object", ...any },
  chartSpec: object({
    "chart!": text,
    ignoreMissingValuesFiles: flag,
    "interval!": { type: "string", pattern: "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$" },
    reconcileStrategy: { type: "string", enum: ["ChartVersion", "Revision"], default: "ChartVersion" },
    "sourceRef!": object({ apiVersion: text, "kind!": text, "name!": text }),
    suspend: flag,
    valuesFiles: texts,
    verify: any,
    version: { type: "string", default: "*" },
  }),
});
const contracts: Schema = { type: "object", additionalProperties: text };
const component = object({ config: any, template: text });

const noChartSource = (kind: string) => ({
  rule: "!has(self.helm.chartSource)",
  message: `.spec.helm.chartSource is not supported for ${kind}s`,
});

const chain: Partial<CrdKind> = {
  spec: {
    supportedTemplates: {
      ...list({ "name!": text, availableUpgrades: list({ "name!": text }) }),
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
    },
  },
  rules: [immutable],
  columns: { Valid: ".status.valid" },
};

const ready = { Ready: ".status.conditions[?(@.type=='Ready')].status" };

function kinds(group: string, names: readonly string[], more: Partial<CrdKind> = {}): CrdKind[] {
  return names.map((name) => {
    const [kind = "", ...short] = name.split(" ");
    return { group, kind, short, scope: "Namespaced", lines: LINES, status: true, ...more };
  });
}

const k0rdent = (names: readonly string[], more: Partial<CrdKind> = {}) => kinds("k0rdent.mirantis.com", names, more);
const cluster = { scope: "Cluster" } as const;
const only = (line: CrdLine) => ({ lines: [line] }) as const;

const deployment: Properties = {
  config: any,
  credential: text,
  dryRun: flag,
  ipamClaim: any,
  propagateCredentials: { type: "boolean", default: true },
  serviceSpec: any,
  "template!": { type: "string", minLength: 1 },
};
const credential: Properties = {
  description: text,
  "identityRef!": object({
    apiVersion: text,
    fieldPath: text,
    kind: text,
    name: text,
    namespace: text,
    resourceVersion: text,
    uid: text,
  }),
};
const management: Properties = {
  core: object({ capi: component, kcm: component }),
  providers: list({ config: any, "name!": text, template: text }),
  "release!": { type: "string", minLength: 1 },
};
const providerInterface: Properties = { clusterIdentityKinds: texts, description: text };
const release: Properties = {
  "capi!": object({ "template!": text }),
  "kcm!": object({ "template!": text }),
  providers: list({ "name!": text, "template!": text }),
  "version!": text,
};
const credentialColumns = { Ready: ".status.ready", Description: ".spec.description" };
const deploymentColumns = { ...ready, Template: ".spec.template" };
const managementColumns = { ...ready, Release: ".status.release" };

export const KINDS: readonly CrdKind[] = [
  ...k0rdent(["Management kcm-mgmt mgmt"], {
    ...cluster,
    ...only("1.2"),
    spec: management,
    columns: managementColumns,
  }),
  ...k0rdent(["Management kcm-mgmt mgmt"], {
    ...cluster,
    ...only("1.11"),
    spec: { ...management, cleanup: any },
    columns: managementColumns,
  }),
  ...k0rdent(["Release"], { ...cluster, ...only("1.2"), spec: release, columns: { Ready: ".status.ready" } }),
  ...k0rdent(["Release"], {
    ...cluster,
    ...only("1.11"),
    spec: { ...release, regional: any },
    columns: { Ready: ".status.ready" },
  }),
  ...k0rdent(["ProviderTemplate providertmpl"], {
    ...cluster,
    spec: { capiContracts: contracts, helm, providers: texts },
    rules: [immutable, noChartSource("ProviderTemplate")],
    columns: { Valid: ".status.valid" },
  }),
  ...k0rdent(["ClusterTemplate clustertmpl"], {
    spec: { "helm!": helm, k8sVersion: text, providerContracts: contracts, providers: texts },
    rules: [immutable, noChartSource("ClusterTemplate")],
    columns: { Valid: ".status.valid" },
  }),
  ...k0rdent(["ClusterTemplateChain", "ServiceTemplateChain"], chain),
  ...k0rdent(["ProviderInterface pi"], {
    ...cluster,
    ...only("1.2"),
    spec: { ...providerInterface, clusterGVKs: list({ "group!": text, "kind!": text, "version!": text }) },
  }),
  ...k0rdent(["ProviderInterface pi"], {
    ...cluster,
    ...only("1.11"),
    spec: {
      ...providerInterface,
      clusterIdentities: list({ "group!": text, "kind!": text, references: any, "version!": text }),
    },
  }),
  ...k0rdent(["Credential cred"], { ...only("1.2"), spec: credential, columns: credentialColumns }),
  ...k0rdent(["Credential cred"], {
    ...only("1.11"),
    spec: { ...credential, region: text },
    columns: credentialColumns,
  }),
  ...k0rdent(["ClusterDeployment clusterd cld"], { ...only("1.2"), spec: deployment, columns: deploymentColumns }),
  ...k0rdent(["ClusterDeployment clusterd cld"], {
    ...only("1.11"),
    spec: { ...deployment, auditPolicy: text, cleanupOnDeletion: flag, clusterAuth: text, dataSource: text },
    columns: deploymentColumns,
  }),
  ...k0rdent(["AccessManagement am", "ManagementBackup kcmbackup mgmtbackup", "MultiClusterService mcs"], cluster),
  ...k0rdent(["StateManagementProvider smp"], cluster),
  ...k0rdent(["ClusterIPAM", "ClusterIPAMClaim"]),
  ...k0rdent(["ServiceTemplate svctmpl"], { rules: [immutable] }),
  ...k0rdent(["Region rgn"], { ...cluster, ...only("1.11") }),
  ...k0rdent(["ClusterAuthentication clauth", "ClusterDataSource clds", "ServiceSet"], only("1.11")),
  ...k0rdent(["ClusterAuditPolicy", "DataSource"], { ...only("1.11"), status: false, rules: [immutable] }),

  ...kinds("infrastructure.cluster.x-k8s.io", ["NutanixCluster ncl", "NutanixFailureDomain nfd", "NutanixMachine nma"]),
  ...kinds("infrastructure.cluster.x-k8s.io", ["NutanixClusterTemplate"], { status: false }),
  ...kinds("infrastructure.cluster.x-k8s.io", ["NutanixMachineTemplate nmtmpl"], { ...only("1.2"), status: false }),
  ...kinds("infrastructure.cluster.x-k8s.io", ["NutanixMachineTemplate nmtmpl"], only("1.11")),
  ...kinds(
    "infrastructure.cluster.x-k8s.io",
    ["NutanixMetro", "NutanixMetroSite", "NutanixVirtualHADomain nvha"],
    only("1.11"),
  ),

  ...kinds("cluster.x-k8s.io", ["Cluster cl", "ClusterClass cc", "Machine ma", "MachineSet ms"]),
  ...kinds("cluster.x-k8s.io", ["MachineDeployment md", "MachineHealthCheck mhc mhcs"]),
  ...kinds("operator.cluster.x-k8s.io", [
    "AddonProvider caap",
    "BootstrapProvider cabp",
    "ControlPlaneProvider cacpp",
    "CoreProvider cacp",
    "InfrastructureProvider caip",
    "IPAMProvider caipamp",
    "RuntimeExtensionProvider carep",
  ]),
  ...kinds("bootstrap.cluster.x-k8s.io", ["K0sControllerConfig", "K0sWorkerConfig", "K0sWorkerConfigTemplate"]),
  ...kinds("controlplane.cluster.x-k8s.io", [
    "K0sControlPlane",
    "K0sControlPlaneTemplate",
    "K0smotronControlPlane",
    "K0smotronControlPlaneTemplate",
  ]),
  ...kinds("k0smotron.io", ["Cluster kmc", "JoinTokenRequest jtr"]),

  ...kinds("helm.toolkit.fluxcd.io", ["HelmRelease hr"], { columns: ready }),
  ...kinds("source.toolkit.fluxcd.io", ["Bucket", "GitRepository gitrepo", "HelmChart hc", "HelmRepository helmrepo"], {
    columns: ready,
  }),
  ...kinds("source.toolkit.fluxcd.io", ["OCIRepository ocirepo"], { columns: ready }),
  ...kinds("source.toolkit.fluxcd.io", ["ExternalArtifact"], only("1.11")),
];

/** Served versions of a group, the stored one last. */
export function versionsOf(group: string, line: CrdLine): readonly string[] {
  const both = ["cluster.x-k8s.io", "bootstrap.cluster.x-k8s.io", "controlplane.cluster.x-k8s.io", "k0smotron.io"];
  if (line === "1.11" && both.includes(group)) return ["v1beta1", "v1beta2"];
  return [VERSIONS[group] ?? "v1beta1"];
}

const VERSIONS: Readonly<Record<string, string>> = {
  "operator.cluster.x-k8s.io": "v1alpha2",
  "helm.toolkit.fluxcd.io": "v2",
  "source.toolkit.fluxcd.io": "v1",
};
