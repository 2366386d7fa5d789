import { NEXT_YEAR } from "../../../support/stack-fixture.ts";
import { all, type InvalidConfig, set, without } from "./invalid-config.ts";

const waiver = (rule: string, words: object) =>
  set(`policy.${rule}`, { waivers: [{ cluster: "edge", reason: "a trial of one host", until: NEXT_YEAR, ...words }] });
const REDUNDANT = "production-control-plane-is-redundant";
const ONE =
  "clusters.edge.controlPlaneNumber: 1 is too few control plane machines to tolerate the loss of one (production-control-plane-is-redundant); set 3 or 5";
const host = (value: string, cluster = "demo") => set(`clusters.${cluster}.nutanix.controlPlaneEndpoint.host`, value);

/** Waivers and levels of policies, and stacks that violate policies. */
export const POLICY_SETTINGS: readonly InvalidConfig[] = [
  {
    name: "a waiver of a rule that must hold",
    change: waiver("endpoint-is-routable", {}),
    lines: [
      "policy.endpoint-is-routable.waivers.0: waives a rule that cannot be waived in production; remove it, and fix the violations",
    ],
  },
  {
    name: "a waiver whose day is past, with what it waived",
    change: all(waiver(REDUNDANT, { until: "2026-01-31" }), set("clusters.edge.controlPlaneNumber", 1)),
    lines: [
      `policy.${REDUNDANT}.waivers.0.until: "2026-01-31" is in the past; fix the violation, or agree on a later date`,
      ONE,
    ],
  },
  {
    name: "a waiver without a reason",
    change: waiver(REDUNDANT, { reason: "" }),
    lines: [`policy.${REDUNDANT}.waivers.0.reason: "" is empty; state the reason`],
  },
  {
    name: "a waiver whose reason is none",
    change: waiver(REDUNDANT, { reason: "to-do later" }),
    lines: [
      `policy.${REDUNDANT}.waivers.0.reason: "to-do later" is not a reason; state in two words or more why the policy cannot be met, such as a ticket and its title`,
    ],
  },
  {
    name: "a rule that is disabled in production without a reason, with what it prevents",
    change: all(
      set(`policy.${REDUNDANT}`, { enforcementLevel: "disabled" }),
      set("clusters.edge.controlPlaneNumber", 1),
    ),
    lines: [`policy.${REDUNDANT}.reason: is empty; state the reason`, ONE],
  },
  {
    name: "a waiver of a cluster that is not there",
    change: waiver(REDUNDANT, { cluster: "far" }),
    lines: [
      `policy.${REDUNDANT}.waivers.0.cluster: "far" is not a cluster of this stack; set the name of one, or remove the waiver`,
    ],
  },
  {
    name: "a waiver of another cluster",
    change: all(waiver(REDUNDANT, { cluster: "demo" }), set("clusters.edge.controlPlaneNumber", 1)),
    lines: [ONE],
  },
  {
    name: "an endpoint inside a pool that the stack declares",
    change: set("networks.VM-Network.pools", ["10.1.1.150-10.1.1.200"]),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is inside 10.1.1.150-10.1.1.200, a pool of networks.VM-Network (endpoint-is-outside-ip-pools); use an address outside it, or exclude the address from the pool',
    ],
  },
  {
    name: "a password in a cluster's values",
    change: set("clusters.edge.values", { registry: { password: "canary" } }),
    lines: [
      "clusters.edge.registry.password: is a secret by its key (secrets-are-not-in-plain-text); move it to a Secret, reference that here, and treat the value as compromised",
    ],
  },
  {
    name: "two clusters with one router ID on a subnet",
    change: (file) => {
      file["clusters"].other = structuredClone(file["clusters"].edge);
      file["clusters"].other.nutanix.controlPlaneEndpoint.host = "10.1.1.202";
      delete file["clusters"].other.nutanix.prismCentral;
    },
    violations: [
      "clusters.other.loadBalancing.virtualRouterID (router-ids-are-unique)",
      "clusters.other.nutanix.prismCentral.usePerClusterCredential (credentials-are-not-shared)",
    ],
  },
  {
    name: "pods and services that overlap",
    change: set("clusters.demo.clusterNetwork.services.cidrBlocks", ["10.243.128.0/20"]),
    violations: ["clusters.demo.clusterNetwork.services.cidrBlocks.0 (cluster-networks-do-not-overlap)"],
  },
  {
    name: "k0s's balancer with a k0s that has none",
    change: set("clusters.edge.k0s", { version: "v1.29.2+k0s.0" }),
    violations: ["clusters.edge.loadBalancing.type (k0s-version-is-supported)"],
  },
  {
    name: "a kcm that is not in the matrix, adopted",
    change: all(set("management.kcm.version", "0.9.0"), set("management.adopt", true)),
    violations: ["management.kcm.version (kcm-and-capx-versions-are-compatible)"],
  },
  {
    name: "one Secret for two clusters",
    change: (file) => {
      file["clusters"].other = structuredClone(file["clusters"].edge);
      file["clusters"].other.nutanix.controlPlaneEndpoint.host = "10.1.1.202";
      file["clusters"].other.loadBalancing.virtualRouterID = 8;
      file["clusters"].other.credential = "edge";
    },
    violations: [
      "clusters.other.nutanix.prismCentral.credentialSecretName (capx-owned-objects-are-not-shared)",
      "clusters.other.credential (credentials-are-not-shared)",
    ],
  },
  {
    name: "values that get round a rule",
    change: set("clusters.edge.values", { controlPlaneNumber: 2 }),
    violations: [
      "clusters.edge.controlPlaneNumber (control-plane-count-is-odd)",
      "clusters.edge.controlPlaneNumber (production-control-plane-is-redundant)",
    ],
  },
  {
    name: "four faults of rules and references",
    change: all(
      host("127.0.0.1"),
      set("clusters.demo.credential", "edge"),
      set("clusters.edge.controlPlaneNumber", 2),
      without("credentials.global"),
    ),
    lines: [
      "credentials.global: is missing, and CAPX needs it; add a username, and set the password with pulumi config set --secret --path 'credentials.global.password'",
      'clusters.demo.credential: "edge" has no effect, since the cluster uses the global credentials; set nutanix.prismCentral.usePerClusterCredential: true, or remove it',
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "127.0.0.1" is a loopback address, which machines cannot reach (endpoint-is-routable); use a free IPv4 address of the nodes\' network, outside every DHCP and IPAM range',
      "clusters.edge.controlPlaneNumber: 2 is an even number of etcd members (control-plane-count-is-odd); set 1 or 3",
      "clusters.edge.controlPlaneNumber: 2 is too few control plane machines to tolerate the loss of one (production-control-plane-is-redundant); set 3 or 5",
    ],
  },
];
