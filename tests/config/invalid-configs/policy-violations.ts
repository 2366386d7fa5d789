import { stringify } from "yaml";
import { goodStack } from "../../stack-fixture.ts";
import { all, nothing, set, type WrongFile, without } from "./invalid-config.ts";

const host = (value: string, cluster = "demo") => set(`clusters.${cluster}.nutanix.controlPlaneEndpoint.host`, value);
const cluster = (name: string) => stringify(goodStack()["clusters"][name]);

/** Stacks that can be read, and that cannot work. */
export const JUDGED: readonly WrongFile[] = [
  {
    name: "an endpoint on the loopback",
    change: host("127.0.0.1"),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "127.0.0.1" is a loopback address, which machines cannot reach (endpoint-is-routable); use a free IPv4 address of the nodes\' network, outside every DHCP and IPAM range',
    ],
  },
  {
    name: "an endpoint of no address",
    change: host("0.0.0.0"),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "0.0.0.0" is the unspecified address, which machines cannot reach (endpoint-is-routable); use a free IPv4 address of the nodes\' network, outside every DHCP and IPAM range',
    ],
  },
  {
    name: "a link-local endpoint",
    change: host("169.254.1.1"),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "169.254.1.1" is a link-local address, which machines cannot reach (endpoint-is-routable); use a free IPv4 address of the nodes\' network, outside every DHCP and IPAM range',
    ],
  },
  {
    name: "a multicast endpoint",
    change: host("224.0.0.1"),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "224.0.0.1" is a multicast address, which machines cannot reach (endpoint-is-routable); use a free IPv4 address of the nodes\' network, outside every DHCP and IPAM range',
    ],
  },
  {
    name: "the broadcast address as an endpoint",
    change: host("255.255.255.255"),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "255.255.255.255" is the broadcast address, which machines cannot reach (endpoint-is-routable); use a free IPv4 address of the nodes\' network, outside every DHCP and IPAM range',
    ],
  },
  {
    name: "an endpoint out of documentation",
    change: host("192.0.2.10"),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "192.0.2.10" is in a range reserved for documentation or future use, which machines cannot reach (endpoint-is-routable); use a free IPv4 address of the nodes\' network, outside every DHCP and IPAM range',
    ],
  },
  {
    name: "an IPv6 endpoint",
    change: host("2001:db8::1"),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "2001:db8::1" is an IPv6 address, and CAPX machines have IPv4 addresses only (endpoint-is-routable); use a free IPv4 address of the nodes\' network, outside every DHCP and IPAM range',
    ],
  },
  {
    name: "an endpoint with a port",
    change: host("10.1.1.200:6443"),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.200:6443" is neither an IPv4 address nor a fully qualified domain name (endpoint-is-routable); use a free IPv4 address of the nodes\' network, outside every DHCP and IPAM range',
    ],
  },
  {
    name: "an endpoint with a login",
    change: host("admin:canary@10.1.1.200"),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "…@10.1.1.200" is neither an IPv4 address nor a fully qualified domain name (endpoint-is-routable); use a free IPv4 address of the nodes\' network, outside every DHCP and IPAM range',
    ],
  },
  {
    name: "an endpoint with a number too large",
    change: host("10.1.1.256"),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.256" is neither an IPv4 address nor a fully qualified domain name (endpoint-is-routable); use a free IPv4 address of the nodes\' network, outside every DHCP and IPAM range',
    ],
  },
  {
    name: "an endpoint of one word",
    change: host("localhost"),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "localhost" is neither an IPv4 address nor a fully qualified domain name (endpoint-is-routable); use a free IPv4 address of the nodes\' network, outside every DHCP and IPAM range',
    ],
  },
  {
    name: "an endpoint by name on machines",
    change: host("edge.example.com", "edge"),
    lines: [
      'clusters.edge.nutanix.controlPlaneEndpoint.host: "edge.example.com" is not an IPv4 address, and cplb assigns the endpoint to a machine (load-balanced-endpoint-is-an-ip-address); use an IPv4 address, or provide a load balancer and set loadBalancing.type: external',
    ],
  },
  {
    name: "an endpoint that is Prism Central",
    change: host("PC.example.com."),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "PC.example.com." is the address of Prism Central (endpoint-is-not-prism-central); reserve a dedicated address for the cluster',
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "PC.example.com." is neither an IPv4 address nor a fully qualified domain name (endpoint-is-routable); use a free IPv4 address of the nodes\' network, outside every DHCP and IPAM range',
    ],
  },
  {
    name: "an endpoint inside the pods' range",
    change: host("10.243.1.1"),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.243.1.1" is inside 10.243.0.0/16, the cluster\'s pods network (endpoint-is-outside-cluster-networks); change the endpoint, or clusterNetwork.pods.cidrBlocks',
    ],
  },
  {
    name: "an endpoint inside the services' range",
    change: host("10.95.0.1"),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.95.0.1" is inside 10.95.0.0/16, the cluster\'s services network (endpoint-is-outside-cluster-networks); change the endpoint, or clusterNetwork.services.cidrBlocks',
    ],
  },
  {
    name: "two clusters with one endpoint",
    change: host("10.1.1.200", "edge"),
    lines: [
      'clusters.edge.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is the endpoint of clusters.demo too (endpoints-are-unique); reserve an address for each cluster',
    ],
  },
  {
    name: "two clusters with one router ID on a subnet",
    change: (file) => {
      file["clusters"].other = structuredClone(file["clusters"].edge);
      file["clusters"].other.nutanix.controlPlaneEndpoint.host = "10.1.1.202";
      delete file["clusters"].other.nutanix.prismCentral;
    },
    lines: [
      "clusters.other.loadBalancing.virtualRouterID: 7 is the one of clusters.edge too, on the same subnet (router-ids-are-unique); set loadBalancing.virtualRouterID to a number from 1 to 255 that is unique in that subnet",
      "clusters.other.nutanix.prismCentral.usePerClusterCredential: makes the cluster use the global credentials, which clusters.demo uses too (credentials-are-not-shared); set it to true, and add a credential for the cluster",
    ],
  },
  {
    name: "an even control plane",
    change: set("clusters.edge.controlPlaneNumber", 4),
    lines: [
      "clusters.edge.controlPlaneNumber: 4 is an even number of etcd members (control-plane-count-is-odd); set 3 or 5",
    ],
  },
  {
    name: "one control plane machine in production",
    change: set("clusters.edge.controlPlaneNumber", 1),
    lines: [
      "clusters.edge.controlPlaneNumber: 1 is too few control plane machines to tolerate the loss of one (production-control-plane-is-redundant); set 3 or 5",
    ],
  },
  {
    name: "memory below CAPX's least",
    change: set("clusters.demo.machineDefaults.memorySize", "2047Mi"),
    lines: [
      'clusters.demo.machineDefaults.memorySize: "2047Mi" is less than the 2Gi that CAPX needs (machines-meet-capx-minimums); set 2Gi or more',
    ],
  },
  {
    name: "memory below CAPX's least by decimal units",
    change: set("clusters.demo.worker.memorySize", "2G"),
    lines: [
      'clusters.demo.worker.memorySize: "2G" is less than the 2Gi that CAPX needs (machines-meet-capx-minimums); set 2Gi or more',
    ],
  },
  {
    name: "a disk below CAPX's least",
    change: set("clusters.edge.controlPlane.systemDiskSize", "10Gi"),
    lines: [
      'clusters.edge.controlPlane.systemDiskSize: "10Gi" is less than the 20Gi that CAPX needs (machines-meet-capx-minimums); set 20Gi or more',
    ],
  },
  {
    name: "pods and services that overlap",
    change: set("clusters.demo.clusterNetwork.services.cidrBlocks", ["10.243.128.0/20"]),
    lines: [
      'clusters.demo.clusterNetwork.services.cidrBlocks.0: "10.243.128.0/20" overlaps 10.243.0.0/16 of clusterNetwork.pods (cluster-networks-do-not-overlap); use ranges that do not overlap',
    ],
  },
  {
    name: "k0s 1.31.1",
    change: set("clusters.demo.k0s.version", "v1.31.1+k0s.0"),
    lines: [
      'clusters.demo.k0s.version: "v1.31.1+k0s.0" is rejected by k0smotron\'s webhook for a known bug (k0s-version-is-supported); use a later patch release',
    ],
  },
  {
    name: "k0s's balancer with a k0s that has none",
    change: set("clusters.edge.k0s", { version: "v1.29.2+k0s.0" }),
    lines: [
      'clusters.edge.loadBalancing.type: "cplb" needs k0s 1.30 or later, but k0s.version is v1.29.2+k0s.0 (k0s-version-is-supported); set kube-vip or external, remove it, or use a later k0s',
    ],
  },
  {
    name: "CAPX that does not go with kcm",
    change: set("capx.version", "1.10.3"),
    lines: [
      'capx.version: "v1.10.3" is not compatible with kcm 1.2.0 (kcm-and-capx-versions-are-compatible); use CAPX 1.7 or 1.8',
    ],
  },
  {
    name: "a kcm that is not in the matrix",
    change: set("management.kcm.version", "1.12.0"),
    lines: [
      'management.kcm.version: "1.12.0" is not a supported kcm version (kcm-and-capx-versions-are-compatible); use one of 1.2 to 1.3, 1.4, 1.5 to 1.6, 1.7 to 1.10, 1.11',
    ],
  },
  {
    name: "a kcm that is not in the matrix, adopted",
    change: all(set("management.kcm.version", "0.9.0"), set("management.adopt", true)),
    lines: [
      'management.kcm.version: "0.9.0" is not a supported kcm version (kcm-and-capx-versions-are-compatible); use one of 1.2 to 1.3, 1.4, 1.5 to 1.6, 1.7 to 1.10, 1.11',
    ],
  },
  {
    name: "a chart without TLS",
    change: set("management.kcm.chart", "http://admin:canary@charts.example.com/kcm.tgz"),
    lines: [
      "management.kcm.chart: contains a URL with credentials (secrets-are-not-in-plain-text); move it to a Secret, reference that here, and treat the value as compromised",
      'management.kcm.chart: "http://…@charts.example.com/kcm.tgz" is fetched without TLS (charts-use-tls); use oci:// or https://',
    ],
  },
  {
    name: "one Secret for two clusters",
    change: (file) => {
      file["clusters"].other = structuredClone(file["clusters"].edge);
      file["clusters"].other.nutanix.controlPlaneEndpoint.host = "10.1.1.202";
      file["clusters"].other.loadBalancing.virtualRouterID = 8;
      file["clusters"].other.credential = "edge";
    },
    lines: [
      'clusters.other.nutanix.prismCentral.credentialSecretName: "edge-login" is referenced by clusters.edge too, and CAPX deletes it with the first of them (capx-owned-objects-are-not-shared); remove it, so that each cluster has its own',
      'clusters.other.nutanix.prismCentral.additionalTrustBundleConfigMapName: "edge-ca" is referenced by clusters.edge too, and CAPX deletes it with the first of them (capx-owned-objects-are-not-shared); remove it, so that each cluster has its own',
      'clusters.other.credential: "edge" is the credential of clusters.edge too (credentials-are-not-shared); use a dedicated credential for each cluster',
    ],
  },
  {
    name: "the global credentials' Secret for a cluster",
    change: set("clusters.edge.nutanix.prismCentral.credentialSecretName", "nutanix-creds"),
    lines: [
      'clusters.edge.nutanix.prismCentral.credentialSecretName: "nutanix-creds" is used elsewhere, and CAPX deletes it with the cluster (capx-owned-objects-are-not-referenced-elsewhere); remove it, so that each cluster has its own',
    ],
  },
  {
    name: "a Credential's Secret for a cluster",
    change: set("clusters.edge.nutanix.prismCentral.credentialSecretName", "edge-nutanix-identity"),
    lines: [
      'clusters.edge.nutanix.prismCentral.credentialSecretName: "edge-nutanix-identity" is used elsewhere, and CAPX deletes it with the cluster (capx-owned-objects-are-not-referenced-elsewhere); remove it, so that each cluster has its own',
    ],
  },
  {
    name: "values that get round a rule",
    change: set("clusters.edge.values", { controlPlaneNumber: 2 }),
    lines: [
      "clusters.edge.controlPlaneNumber: 2 is an even number of etcd members (control-plane-count-is-odd); set 1 or 3",
      "clusters.edge.controlPlaneNumber: 2 is too few control plane machines to tolerate the loss of one (production-control-plane-is-redundant); set 3 or 5",
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
  {
    name: "a cluster in the stack file and in a file",
    change: nothing,
    files: { "clusters/dev/demo.yaml": cluster("demo") },
    lines: ["clusters.demo: is defined in the stack file and in clusters/dev/demo.yaml; remove one of the two"],
  },
  {
    name: "a cluster in two files",
    change: without("clusters.demo"),
    files: { "clusters/dev/demo.yaml": cluster("demo"), "clusters/dev/demo.yml": cluster("demo") },
    lines: ["clusters/dev/demo.yml: defines the cluster demo again; remove one of the two files"],
  },
  {
    name: "a file of a cluster that is not valid YAML",
    change: nothing,
    files: { "clusters/dev/far.yaml": "mode: [hcp\nsecret: canary" },
    lines: [
      "clusters/dev/far.yaml: is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 2, column 1; fix the file",
    ],
  },
  {
    name: "a file of a cluster with a key twice",
    change: nothing,
    files: { "clusters/dev/far.yaml": "mode: hcp\nmode: standalone\n" },
    lines: ["clusters/dev/far.yaml: is not valid YAML: Map keys must be unique at line 2, column 1; fix the file"],
  },
  {
    name: "a file of a cluster that grows without end",
    change: nothing,
    files: {
      "clusters/dev/far.yaml": `a: &a [x, x]\n${[..."bcdefghij"].map((key, index) => `${key}: &${key} [*${"abcdefghi"[index]}, *${"abcdefghi"[index]}]\n`).join("")}`,
    },
    lines: [
      "clusters/dev/far.yaml: is not valid YAML: Excessive alias count indicates a resource exhaustion attack; fix the file",
    ],
  },
  {
    name: "an empty file of a cluster",
    change: nothing,
    files: { "clusters/dev/far.yaml": "" },
    lines: ["clusters.far: is empty, not a map; use a map"],
  },
  {
    name: "a file of a cluster that is a list",
    change: nothing,
    files: { "clusters/dev/far.yaml": "- mode: hcp\n" },
    lines: ["clusters.far: is a list, not a map; use a map"],
  },
  {
    name: "a file whose name is no cluster's",
    change: nothing,
    files: { "clusters/dev/Far.yaml": cluster("demo") },
    lines: [
      "clusters.Far: is not a name; use lower-case letters, digits and '-', a letter first, 40 characters at most",
    ],
  },
  {
    name: "a file named as a part of JavaScript",
    change: nothing,
    files: { "clusters/dev/constructor.yaml": "mode: hcp\n" },
    lines: [
      "clusters.constructor.nutanix: is missing; add it",
      "clusters.constructor.machineDefaults: is missing; add it",
    ],
  },
  {
    name: "a file with a fault in it",
    change: nothing,
    files: {
      "clusters/dev/far.yaml": cluster("demo")
        .replace("vcpuSockets: 2", "vcpuSocket: 2")
        .replace("10.1.1.200", "10.1.1.203"),
    },
    lines: ['clusters.far.machineDefaults.vcpuSocket: is an unknown key; did you mean "vcpuSockets"?'],
  },
];
