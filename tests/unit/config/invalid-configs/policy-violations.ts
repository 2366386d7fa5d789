import { all, type InvalidConfig, set, without } from "./invalid-config.ts";

const host = (value: string, cluster = "demo") => set(`clusters.${cluster}.nutanix.controlPlaneEndpoint.host`, value);

/** Stacks that can be read, and that cannot work. */
export const POLICY_VIOLATIONS: readonly InvalidConfig[] = [
  {
    name: "an endpoint on the loopback",
    change: host("127.0.0.1"),
    violations: ["clusters.demo.nutanix.controlPlaneEndpoint.host (endpoint-is-routable)"],
  },
  {
    name: "an endpoint of no address",
    change: host("0.0.0.0"),
    violations: ["clusters.demo.nutanix.controlPlaneEndpoint.host (endpoint-is-routable)"],
  },
  {
    name: "a link-local endpoint",
    change: host("169.254.1.1"),
    violations: ["clusters.demo.nutanix.controlPlaneEndpoint.host (endpoint-is-routable)"],
  },
  {
    name: "a multicast endpoint",
    change: host("224.0.0.1"),
    violations: ["clusters.demo.nutanix.controlPlaneEndpoint.host (endpoint-is-routable)"],
  },
  {
    name: "the broadcast address as an endpoint",
    change: host("255.255.255.255"),
    violations: ["clusters.demo.nutanix.controlPlaneEndpoint.host (endpoint-is-routable)"],
  },
  {
    name: "an endpoint out of documentation",
    change: host("192.0.2.10"),
    violations: ["clusters.demo.nutanix.controlPlaneEndpoint.host (endpoint-is-routable)"],
  },
  {
    name: "an IPv6 endpoint",
    change: host("2001:db8::1"),
    violations: ["clusters.demo.nutanix.controlPlaneEndpoint.host (endpoint-is-routable)"],
  },
  {
    name: "an endpoint with a port",
    change: host("10.1.1.200:6443"),
    violations: ["clusters.demo.nutanix.controlPlaneEndpoint.host (endpoint-is-routable)"],
  },
  {
    name: "an endpoint with a login",
    change: host("admin:canary@10.1.1.200"),
    violations: ["endpoint-is-routable", "secrets-are-not-in-plain-text"].map(
      (rule) => `clusters.demo.nutanix.controlPlaneEndpoint.host (${rule})`,
    ),
  },
  {
    name: "an endpoint with a number too large",
    change: host("10.1.1.256"),
    violations: ["clusters.demo.nutanix.controlPlaneEndpoint.host (endpoint-is-routable)"],
  },
  {
    name: "an endpoint of one word",
    change: host("localhost"),
    violations: ["clusters.demo.nutanix.controlPlaneEndpoint.host (endpoint-is-routable)"],
  },
  {
    name: "an endpoint by name on machines",
    change: host("edge.example.com", "edge"),
    violations: ["clusters.edge.nutanix.controlPlaneEndpoint.host (load-balanced-endpoint-is-an-ip-address)"],
  },
  {
    name: "an endpoint that is Prism Central",
    change: host("PC.example.com"),
    violations: ["clusters.demo.nutanix.controlPlaneEndpoint.host (endpoint-is-not-prism-central)"],
  },
  {
    name: "an endpoint inside the pods' range",
    change: host("10.243.1.1"),
    violations: ["clusters.demo.nutanix.controlPlaneEndpoint.host (endpoint-is-outside-cluster-networks)"],
  },
  {
    name: "an endpoint inside the services' range",
    change: host("10.95.0.1"),
    violations: ["clusters.demo.nutanix.controlPlaneEndpoint.host (endpoint-is-outside-cluster-networks)"],
  },
  {
    name: "two clusters with one endpoint",
    change: host("10.1.1.200", "edge"),
    violations: ["clusters.edge.nutanix.controlPlaneEndpoint.host (endpoints-are-unique)"],
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
    name: "an even control plane",
    change: set("clusters.edge.controlPlaneNumber", 4),
    violations: ["clusters.edge.controlPlaneNumber (control-plane-count-is-odd)"],
  },
  {
    name: "one control plane machine in production",
    change: set("clusters.edge.controlPlaneNumber", 1),
    violations: ["clusters.edge.controlPlaneNumber (production-control-plane-is-redundant)"],
  },
  {
    name: "memory below CAPX's least",
    change: set("clusters.demo.machineDefaults.memorySize", "2047Mi"),
    violations: ["clusters.demo.machineDefaults.memorySize (machines-meet-capx-minimums)"],
  },
  {
    name: "memory below CAPX's least by decimal units",
    change: set("clusters.demo.worker.memorySize", "2G"),
    violations: ["clusters.demo.worker.memorySize (machines-meet-capx-minimums)"],
  },
  {
    name: "a disk below CAPX's least",
    change: set("clusters.edge.controlPlane.systemDiskSize", "10Gi"),
    violations: ["clusters.edge.controlPlane.systemDiskSize (machines-meet-capx-minimums)"],
  },
  {
    name: "pods and services that overlap",
    change: set("clusters.demo.clusterNetwork.services.cidrBlocks", ["10.243.128.0/20"]),
    violations: ["clusters.demo.clusterNetwork.services.cidrBlocks.0 (cluster-networks-do-not-overlap)"],
  },
  {
    name: "k0s 1.31.1",
    change: set("clusters.demo.k0s.version", "v1.31.1+k0s.0"),
    violations: ["clusters.demo.k0s.version (k0s-version-is-supported)"],
  },
  {
    name: "k0s's balancer with a k0s that has none",
    change: set("clusters.edge.k0s", { version: "v1.29.2+k0s.0" }),
    violations: ["clusters.edge.loadBalancing.type (k0s-version-is-supported)"],
  },
  {
    name: "CAPX that does not go with kcm",
    change: set("capx.version", "1.10.3"),
    violations: ["capx.version (kcm-and-capx-versions-are-compatible)"],
  },
  {
    name: "a kcm that is not in the matrix",
    change: set("management.kcm.version", "1.99.0"),
    violations: ["management.kcm.version (kcm-and-capx-versions-are-compatible)"],
  },
  {
    name: "a kcm that is not in the matrix, adopted",
    change: all(set("management.kcm.version", "0.9.0"), set("management.adopt", true)),
    violations: ["management.kcm.version (kcm-and-capx-versions-are-compatible)"],
  },
  {
    name: "a chart without TLS",
    change: set("management.kcm.chart", "http://admin:canary@charts.example.com/kcm.tgz"),
    violations: ["management.kcm.chart (secrets-are-not-in-plain-text)", "management.kcm.chart (charts-use-tls)"],
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
    name: "the global credentials' Secret for a cluster",
    change: set("clusters.edge.nutanix.prismCentral.credentialSecretName", "nutanix-creds"),
    violations: [
      "clusters.edge.nutanix.prismCentral.credentialSecretName (capx-owned-objects-are-not-referenced-elsewhere)",
    ],
  },
  {
    name: "a Credential's Secret for a cluster",
    change: set("clusters.edge.nutanix.prismCentral.credentialSecretName", "edge-nutanix-identity"),
    violations: [
      "clusters.edge.nutanix.prismCentral.credentialSecretName (capx-owned-objects-are-not-referenced-elsewhere)",
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
