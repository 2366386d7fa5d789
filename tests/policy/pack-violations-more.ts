/** Rules that read Cluster API's own objects, logins, or what the settings say, each broken once. */
import { pem } from "../stack-fixture.ts";
import { expiring } from "./expiring.ts";
import type { Wrong } from "./pack-violations.ts";

const CONFIG = ["spec", "config"];
const CENTRAL = [...CONFIG, "nutanix", "prismCentral"];
const HOST = [...CONFIG, "nutanix", "controlPlaneEndpoint", "host"];
const EDGE = "ClusterDeployment kcm-system/edge";
const DEMO = "ClusterDeployment kcm-system/demo";
const EXPIRING = expiring(20);
const OLD = "2020-01-01";
const age = () => Math.floor((Date.now() - Date.parse(OLD)) / 86_400_000);

export const MORE_WRONG: readonly Wrong[] = [
  {
    rule: "prism-central-tls-is-verified",
    of: "nutanix",
    path: ["spec", "prismCentral", "insecure"],
    value: true,
    message:
      "NutanixCluster kcm-system/raw-nutanix spec.prismCentral.insecure: disables verification of Prism Central's certificate; set it to false, and set prismCentral.trustBundle to its CA certificates",
  },
  {
    rule: "prism-central-ip-address-has-trust-bundle",
    of: "demo",
    path: [...CENTRAL, "address"],
    value: "10.1.1.100",
    message: `${DEMO} spec.config.nutanix.prismCentral.address: is an IP address without a trust bundle; use the DNS name, or set trustBundle to the CA of a certificate that contains the address`,
  },
  {
    rule: "api-server-anonymous-auth-is-disabled",
    of: "edge",
    path: [...CONFIG, "k0s", "config"],
    value: { spec: { api: { extraArgs: { "anonymous-auth": "true" } } } },
    message: `${EDGE} spec.config.k0s.config.spec.api.extraArgs.anonymous-auth: lets unauthenticated clients call the API server; remove it, since k0s sets it to false`,
  },
  {
    rule: "workload-charts-verify-tls",
    of: "controlPlane",
    path: ["spec", "k0sConfigSpec", "k0s", "spec", "extensions", "helm", "repositories", "0", "insecure"],
    value: true,
    message:
      "K0sControlPlane kcm-system/raw-cp spec.k0sConfigSpec.k0s.spec.extensions.helm.repositories.0.insecure: makes k0s fetch charts without verifying the certificate; set insecure: false",
  },
  {
    rule: "flux-sources-verify-tls",
    of: "source",
    path: ["spec", "url"],
    value: "http://charts.example.com",
    message: "HelmRepository kcm-system/charts spec.url: is fetched without TLS; use https:// or oci://",
  },
  {
    rule: "trust-bundle-signatures-are-strong",
    of: "bundle",
    path: ["data", "ca.crt"],
    value: pem("sha1"),
    message:
      "ConfigMap kcm-system/edge-pc-ca[0]: is signed with SHA-1; use a CA whose certificate is signed with SHA-256 or better",
  },
  {
    rule: "trust-bundle-does-not-expire-soon",
    of: "bundle",
    path: ["data", "ca.crt"],
    value: EXPIRING.pem,
    message: `ConfigMap kcm-system/edge-pc-ca[0]: expires on ${EXPIRING.day}, in 20 days; add the certificate that will replace it`,
  },
  {
    rule: "ports-are-valid",
    of: "nutanix",
    path: ["spec", "controlPlaneEndpoint", "port"],
    value: 0,
    message:
      "NutanixCluster kcm-system/raw-nutanix spec.controlPlaneEndpoint.port: is not a valid port; use an integer from 1 to 65535",
  },
  {
    rule: "endpoint-is-outside-ip-pools",
    of: "demo",
    path: HOST,
    value: "10.1.1.150",
    words: { networks: { lab: { cidr: "10.1.1.0/24", pools: ["10.1.1.100-10.1.1.180"] } } },
    message: `${DEMO} spec.config.nutanix.controlPlaneEndpoint.host: is inside 10.1.1.100-10.1.1.180, a pool of networks.lab; use an address outside it, or exclude the address from the pool`,
  },
  {
    rule: "load-balanced-endpoint-is-in-node-subnet",
    of: "edge",
    path: HOST,
    value: "10.7.7.7",
    words: { networks: { "Edge-Network": { cidr: "10.1.1.0/24" } } },
    message: `${EDGE} spec.config.nutanix.controlPlaneEndpoint.host: is outside 10.1.1.0/24 of networks.Edge-Network, the first subnet of the control plane machines; use an address of that subnet`,
  },
  {
    rule: "endpoint-is-not-used-by-peer-stacks",
    of: "demo",
    path: HOST,
    value: "10.9.9.9",
    words: { usedEndpoints: ["10.9.9.9"] },
    message: `${DEMO} spec.config.nutanix.controlPlaneEndpoint.host: is used by another stack according to policy.endpoint-is-not-used-by-peer-stacks.usedEndpoints; reserve an address for each cluster`,
  },
  {
    rule: "credentials-are-not-shared",
    of: "edge",
    path: ["spec", "credential"],
    value: "demo-nutanix",
    together: true,
    message: `${EDGE} spec.credential: is the credential of ${DEMO} spec.config too; use a dedicated credential for each cluster`,
  },
  {
    rule: "clusters-use-dedicated-credentials",
    of: "demo",
    path: [...CENTRAL, "usePerClusterCredential"],
    value: false,
    message: `${DEMO} spec.config.nutanix.prismCentral.usePerClusterCredential: makes a production cluster use the global credentials; set it to true, and add a credential for the cluster`,
  },
  {
    rule: "capx-owned-objects-are-not-referenced-elsewhere",
    of: "edge",
    path: [...CENTRAL, "credentialSecretName"],
    value: "edge-nutanix-identity",
    message: `${EDGE} spec.config.nutanix.prismCentral.credentialSecretName: is used elsewhere, and CAPX deletes it with the cluster; remove it, so that each cluster has its own`,
  },
  {
    rule: "prism-central-user-is-not-admin",
    of: "login",
    path: ["stringData", "credentials"],
    value: JSON.stringify([{ data: { prismCentral: { username: "admin", password: "canary" } } }]),
    message:
      "Secret kcm-system/raw-capx stringData.credentials: is Prism Central's built-in administrator; create a dedicated user with the permissions that CAPX needs",
  },
  {
    rule: "credentials-are-rotated",
    of: "login",
    path: ["metadata", "annotations"],
    value: { "k0rdent-nutanix/rotated": OLD },
    message: `Secret kcm-system/raw-capx metadata.annotations.k0rdent-nutanix/rotated: is ${age()} days ago, more than 180; change the password in Prism Central and in the stack, and set the date here`,
  },
  {
    rule: "ccm-credential-is-propagated",
    of: "edge",
    path: ["spec", "propagateCredentials"],
    value: false,
    given: ({ edge }) => {
      edge.props["spec"].config.addons = { ccm: { enabled: true } };
    },
    message: `${EDGE} spec.propagateCredentials: leaves addons.ccm without a credential; set it to true, or remove the addon`,
  },
  {
    rule: "secrets-are-not-in-plain-text",
    of: "edge",
    path: [...CONFIG, "k0s", "config"],
    value: { registryPassword: "canary" },
    message: `${EDGE} spec.config.k0s.config.registryPassword: is a secret by its key; move it to a Secret, reference that here, and treat the value as compromised`,
  },
  {
    rule: "outputs-do-not-contain-credentials",
    of: "stack",
    path: ["login"],
    value: "https://reader:canary@example.com",
    together: true,
    message:
      "Stack.outputs.login: contains a URL with credentials; wrap it in pulumi.secret unless it is, or remove it",
  },
  {
    rule: "cluster-names-are-unique",
    of: "demo",
    path: ["metadata", "name"],
    value: "edge",
    given: ({ demo }) => {
      demo.props["metadata"].namespace = "other";
    },
    together: true,
    message:
      "ClusterDeployment other/edge spec.config: has the name of ClusterDeployment kcm-system/edge spec.config on the same Prism Central; use a unique name for each cluster of a Prism Central",
  },
  {
    rule: "control-plane-meets-etcd-minimums",
    of: "edge",
    path: [...CONFIG, "controlPlane", "memorySize"],
    value: "4Gi",
    message: `${EDGE} spec.config.controlPlane.memorySize: is less than the 8Gi that etcd recommends; set 8Gi or more in controlPlane`,
  },
  {
    rule: "gpus-and-data-disks-on-workers-only",
    of: "edge",
    path: [...CONFIG, "controlPlane", "gpus"],
    value: [{ type: "name", name: "A100" }],
    message: `${EDGE} spec.config.controlPlane.gpus: is set for control plane machines, which do not use it; move it to worker or a worker pool`,
  },
  {
    rule: "cluster-networks-do-not-overlap-node-networks",
    of: "cluster",
    path: ["spec", "clusterNetwork", "pods", "cidrBlocks", "0"],
    value: "10.243.0.0/17",
    words: { networks: { lab: { cidr: "10.243.1.0/24" } } },
    message:
      "Cluster kcm-system/raw spec.clusterNetwork.pods.cidrBlocks.0: overlaps 10.243.1.0/24 of networks.lab, a node network; use ranges that do not overlap",
  },
  {
    rule: "cluster-networks-fit-node-count",
    of: "edge",
    path: [...CONFIG, "clusterNetwork", "pods", "cidrBlocks", "0"],
    value: "10.244.0.0/22",
    message: `${EDGE} spec.config.clusterNetwork.pods.cidrBlocks.0: fits 4 nodes, but the cluster has 5; use a range of /21 or larger`,
  },
  {
    rule: "environments-do-not-share-subnets",
    of: "edge",
    path: ["metadata", "labels"],
    value: { environment: "lab" },
    given: ({ demo, edge }) => {
      demo.props["spec"].config.machineDefaults.subnets = edge.props["spec"].config.machineDefaults.subnets;
    },
    together: true,
    message: `${EDGE} spec.config.machineDefaults.subnets.0: is a subnet of ${DEMO} spec.config too, which is "production" and not "lab"; use separate subnets for each environment`,
  },
  {
    rule: "machines-have-required-categories",
    of: "machines",
    path: ["spec", "template", "spec", "additionalCategories"],
    value: [{ key: "other", value: "x" }],
    words: { categories: ["owner"] },
    given: ({ edge, demo }) => {
      for (const { props } of [edge, demo]) {
        props["spec"].config.machineDefaults.additionalCategories = [{ key: "owner", value: "x" }];
      }
    },
    message:
      "NutanixMachineTemplate kcm-system/raw-cp-mt spec.template.spec.additionalCategories: has no category owner; add {key: owner, value: …}",
  },
  {
    rule: "clusters-have-required-labels",
    of: "demo",
    path: ["metadata", "labels", "team"],
    value: "blue",
    words: { labels: { team: "platform" } },
    given: ({ edge, demo }) => {
      for (const { props } of [edge, demo]) props["metadata"].labels = { team: "platform" };
    },
    message: `${DEMO} metadata.labels.team: is not the required value; set team: platform`,
  },
  {
    rule: "stack-is-within-quota",
    of: "edge",
    path: [...CONFIG, "workersNumber"],
    value: 9,
    words: { machines: 11 },
    message: "clusters: request 12 machines, more than the quota of 11; reduce the request, or ask for a larger quota",
  },
  {
    rule: "charts-use-allowed-registries",
    of: "kcm",
    path: ["chart"],
    value: "oci://elsewhere.example.com/kcm",
    words: { registries: ["oci://ghcr.io/k0rdent", "https://charts.example.com"] },
    message:
      "Release kcm-system/kcm inputs.chart: is not from an allowed registry; use oci://ghcr.io/k0rdent or https://charts.example.com, or add this one to policy.charts-use-allowed-registries.registries",
  },
  {
    rule: "images-use-allowed-registries",
    of: "capx",
    path: ["values", "server"],
    value: { image: "docker.io/nginx" },
    words: { registries: ["registry.example.com"] },
    message:
      "Release kcm-system/nutanix-capx inputs.values.server.image: is not from an allowed registry; use registry.example.com, or add this one to policy.images-use-allowed-registries.registries",
  },
  {
    rule: "templates-use-allowed-sources",
    of: "template",
    path: ["spec", "helm", "chartSpec", "sourceRef", "name"],
    value: "elsewhere",
    words: { sources: ["charts"] },
    message:
      "ClusterTemplate kcm-system/own spec.helm.chartSpec.sourceRef.name: is not an allowed source; use charts, or add this one to policy.templates-use-allowed-sources.sources",
  },
  {
    rule: "k0s-download-uses-tls",
    of: "edge",
    path: [...CONFIG, "global"],
    value: { k0sURL: "http://mirror.example.com" },
    message: `${EDGE} spec.config.global.k0sURL: is fetched without TLS; use an https:// address`,
  },
  {
    rule: "provider-chart-is-built-in",
    of: "capx",
    path: ["chart"],
    value: "oci://ghcr.io/k0rdent-oot/oot/charts/nutanix-capx",
    message:
      "Release kcm-system/nutanix-capx inputs.chart: is not this project's chart: it gets no values, must provide the ClusterTemplates nutanix-k0s-hcp and nutanix-k0s-standalone, CAPX with the Secret nutanix-creds, and kcm's permission to delete Nutanix clusters, is not tested, and its templates may reject this project's values; remove it to use this project's chart",
  },
];
