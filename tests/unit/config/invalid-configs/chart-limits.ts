import { type InvalidConfig, set } from "./invalid-config.ts";

const DEMO = "clusters.demo";
const MACHINES = `${DEMO}.machineDefaults`;
const NET = { type: "name", name: "VM-Network" };
const LONG = "k".repeat(65);

/** What a chart, Kubernetes or Prism Central rejects later, and what `values` brings past the stack's schema. */
const ROWS: readonly [name: string, path: string, value: unknown, ...lines: string[]][] = [
  ["a subnet twice", `${MACHINES}.subnets`, [NET, NET], `${MACHINES}.subnets: has a subnet twice; set each once`],
  [
    "a category twice, in both spellings",
    `${MACHINES}.additionalCategories`,
    ["env:dev", { key: "env", value: "dev" }],
    `${MACHINES}.additionalCategories: has a category twice; set each once`,
  ],
  [
    "categories with keys of 65 characters",
    `${MACHINES}.additionalCategories`,
    [`${LONG}:v`, { key: LONG, value: "w" }],
    `${MACHINES}.additionalCategories.0: "${LONG}:v" is longer than 64 characters, the limit of Prism Central; use the one shown there`,
    `${MACHINES}.additionalCategories.1.key: "${LONG}" is longer than 64 characters, the limit of Prism Central; use the one shown there`,
  ],
  [
    "categories with a blank around a key or a value",
    `${MACHINES}.additionalCategories`,
    ["Environment: Production", { key: "env ", value: "dev" }],
    `${MACHINES}.additionalCategories.0: "Environment: Production" has a blank around its key or its value; remove the blank`,
    `${MACHINES}.additionalCategories.1.key: "env " starts or ends with a blank; remove the blank`,
  ],
  [
    "a DNS domain in capitals",
    `${DEMO}.clusterNetwork.serviceDomain`,
    "Cluster.Local",
    `${DEMO}.clusterNetwork.serviceDomain: "Cluster.Local" is not a DNS domain; use lower-case letters, digits, '-' and '.', such as cluster.local`,
  ],
  [
    "an address with a dot at its end",
    "clusters.edge.nutanix.prismCentral.address",
    "pc.example.com.",
    'clusters.edge.nutanix.prismCentral.address: "pc.example.com." ends in a dot, which CAPX does not accept; remove the dot',
  ],
  [
    "a label of a node in a domain of Kubernetes",
    `${DEMO}.k0s.worker.labels`,
    { "example.k8s.io/a": "b", "node-role.kubernetes.io/gpu": "" },
    `${DEMO}.k0s.worker.labels.example.k8s.io/a: is in a domain that the kubelet reserves; use a domain of your own, or node-role.kubernetes.io`,
  ],
  [
    "labels of controllers",
    `${DEMO}.labels`,
    { "cluster.x-k8s.io/cluster-name": "other", "helm.toolkit.fluxcd.io/name": "a", "example.com/team": "a" },
    `${DEMO}.labels.cluster.x-k8s.io/cluster-name: is a label of a controller; use a domain of your own`,
    `${DEMO}.labels.helm.toolkit.fluxcd.io/name: is a label of a controller; use a domain of your own`,
  ],
  [
    "two taints of one key and effect",
    `${DEMO}.k0s.worker.taints`,
    [
      { key: "a", value: "1", effect: "NoSchedule" },
      { key: "a", effect: "NoExecute" },
      { key: "a", effect: "NoSchedule" },
    ],
    `${DEMO}.k0s.worker.taints: has a key with one effect twice; set each once`,
  ],
  [
    "a network with bits after its length",
    `${DEMO}.clusterNetwork.pods.cidrBlocks`,
    ["10.243.7.0/16"],
    `${DEMO}.clusterNetwork.pods.cidrBlocks.0: "10.243.7.0/16" has bits set after its length; use 10.243.0.0/16`,
  ],
  [
    "a proxy on a port that is none",
    `${DEMO}.proxy`,
    { http: "http://proxy.example.com:99999" },
    `${DEMO}.proxy.http: "http://proxy.example.com:99999" is not the URL of an HTTP proxy; use http://host:port, without a user: every machine has the URL in plain text`,
  ],
  [
    "a CSI driver of other values",
    `${DEMO}.addons`,
    { csi: { enabled: true, version: "2.6.10" } },
    `${DEMO}.addons.csi.version: "2.6.10" is older than 3.0, whose chart takes other values; use 3.0 or later`,
  ],
  [
    "a key misspelt in values",
    `${DEMO}.values`,
    { workersNumbr: 3, k0smotron: { service: { anotations: {} } } },
    `${DEMO}.values.k0smotron.service.anotations: is an unknown key; did you mean "annotations"?`,
    `${DEMO}.values.workersNumbr: is an unknown key; did you mean "workersNumber"?`,
  ],
  [
    "wrong types and limits in values",
    `${DEMO}.values`,
    { clusterClass: "true", k0smotron: { service: { konnectivityPort: 0 } }, machineDefaults: { subnets: [NET, NET] } },
    `${DEMO}.values.machineDefaults.subnets: has an item twice; set each once`,
    `${DEMO}.values.clusterClass: "true" is a string, not a boolean; use true or false`,
    `${DEMO}.values.k0smotron.service.konnectivityPort: 0 is not a valid port; use an integer from 1 to 65535`,
  ],
];

export const CHART_LIMITS: readonly InvalidConfig[] = ROWS.map(([name, path, value, ...lines]) => ({
  name,
  change: set(path, value),
  lines,
}));
