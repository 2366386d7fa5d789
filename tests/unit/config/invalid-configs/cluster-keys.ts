import { all, type InvalidConfig, set, without } from "./invalid-config.ts";

/** Clusters that cannot be read. */
export const CLUSTER_KEYS: readonly InvalidConfig[] = [
  { name: "clusters as a list", change: set("clusters", []), lines: ["clusters: is a list, not a map; use a map"] },
  {
    name: "clusters as text",
    change: set("clusters", "demo"),
    lines: ['clusters: "demo" is a string, not a map; use a map'],
  },
  {
    name: "a cluster of nothing",
    change: set("clusters.demo", null),
    lines: ["clusters.demo: is empty, not a map; use a map"],
  },
  {
    name: "a cluster as text",
    change: set("clusters.demo", "hcp"),
    lines: ['clusters.demo: "hcp" is a string, not a map; use a map'],
  },
  {
    name: "a cluster's name in capitals",
    change: (file) => {
      file["clusters"].Demo = file["clusters"].demo;
      delete file["clusters"].demo;
    },
    lines: [
      "clusters.Demo: is not a name; use lower-case letters, digits and '-', a letter first, 40 characters at most",
    ],
  },
  {
    name: "a cluster's name of 41 letters",
    change: (file) => {
      file["clusters"]["d".repeat(41)] = file["clusters"].demo;
      delete file["clusters"].demo;
    },
    lines: [
      "clusters.ddddddddddddddddddddddddddddddddddddddddd: is not a name; use lower-case letters, digits and '-', a letter first, 40 characters at most",
    ],
  },
  {
    name: "no mode",
    change: without("clusters.demo.mode"),
    lines: ["clusters.demo.mode: is missing; set mode: hcp or mode: standalone"],
  },
  {
    name: "a mode that is none",
    change: set("clusters.demo.mode", "hosted"),
    lines: ['clusters.demo.mode: "hosted" is not a cluster mode; set mode: hcp or mode: standalone'],
  },
  {
    name: "a key of the cluster misspelt",
    change: set("clusters.demo.workerNumber", 3),
    lines: ['clusters.demo.workerNumber: is an unknown key; did you mean "workersNumber"?'],
  },
  {
    name: "control plane machines in hosted mode",
    change: set("clusters.demo.controlPlane", { vcpuSockets: 4 }),
    lines: ["clusters.demo.controlPlane: is an unknown key; remove it"],
  },
  {
    name: "no nutanix",
    change: without("clusters.demo.nutanix"),
    lines: ["clusters.demo.nutanix: is missing; add it"],
  },
  {
    name: "no endpoint",
    change: without("clusters.demo.nutanix.controlPlaneEndpoint"),
    lines: ["clusters.demo.nutanix.controlPlaneEndpoint: is missing; add it"],
  },
  {
    name: "no endpoint's host",
    change: without("clusters.demo.nutanix.controlPlaneEndpoint.host"),
    lines: ["clusters.demo.nutanix.controlPlaneEndpoint.host: is missing; add it"],
  },
  {
    name: "an endpoint's port of 0",
    change: set("clusters.demo.nutanix.controlPlaneEndpoint.port", 0),
    lines: ["clusters.demo.nutanix.controlPlaneEndpoint.port: 0 is not a valid port; use an integer from 1 to 65535"],
  },
  {
    name: "an endpoint's port with a fraction",
    change: set("clusters.demo.nutanix.controlPlaneEndpoint.port", 6443.5),
    lines: [
      "clusters.demo.nutanix.controlPlaneEndpoint.port: 6443.5 is not a valid port; use an integer from 1 to 65535",
    ],
  },
  {
    name: "a Secret's name that Kubernetes refuses",
    change: set("clusters.edge.nutanix.prismCentral.credentialSecretName", "Edge_Login"),
    lines: [
      "clusters.edge.nutanix.prismCentral.credentialSecretName: \"Edge_Login\" is not the name of a Kubernetes object; use lower-case letters, digits, '-' and '.'",
    ],
  },
  {
    name: "no machineDefaults",
    change: without("clusters.demo.machineDefaults"),
    lines: ["clusters.demo.machineDefaults: is missing; add it"],
  },
  {
    name: "no image",
    change: without("clusters.demo.machineDefaults.image"),
    lines: [
      "clusters.demo.machineDefaults.image: is missing; set {type: name, name: …} or {type: uuid, uuid: …}, or set imageLookup",
    ],
  },
  {
    name: "an image as text",
    change: set("clusters.demo.machineDefaults.image", "ubuntu"),
    lines: [
      'clusters.demo.machineDefaults.image: "ubuntu" has neither type: name nor type: uuid; use {type: name, name: …} or {type: uuid, uuid: …}',
    ],
  },
  {
    name: "an image without its name",
    change: without("clusters.demo.machineDefaults.image.name"),
    lines: ["clusters.demo.machineDefaults.image.name: is missing; add it"],
  },
  {
    name: "an image of a type that is none",
    change: set("clusters.demo.machineDefaults.image.type", "id"),
    lines: [
      'clusters.demo.machineDefaults.image.type: "id" has neither type: name nor type: uuid; use {type: name, name: …} or {type: uuid, uuid: …}',
    ],
  },
  {
    name: "an image by name with a UUID",
    change: set("clusters.demo.machineDefaults.image.uuid", "550e8400-e29b-41d4-a716-446655440000"),
    lines: ["clusters.demo.machineDefaults.image.uuid: is an unknown key; remove it"],
  },
  {
    name: "a UUID that is none",
    change: set("clusters.edge.machineDefaults.cluster.uuid", "550e8400"),
    lines: [
      'clusters.edge.machineDefaults.cluster.uuid: "550e8400" is not a UUID; use the UUID shown in Prism Central, or type: name',
    ],
  },
  {
    name: "no subnets",
    change: set("clusters.demo.machineDefaults.subnets", []),
    lines: ["clusters.demo.machineDefaults.subnets: is empty; add a subnet; the first is the node network"],
  },
  {
    name: "a subnet in place of a list",
    change: set("clusters.demo.machineDefaults.subnets", { type: "name", name: "a" }),
    lines: ["clusters.demo.machineDefaults.subnets: is a map, not a list; use a list"],
  },
  {
    name: "33 subnets",
    change: set(
      "clusters.demo.machineDefaults.subnets",
      Array.from({ length: 33 }, (_, index) => ({ type: "name", name: `s${index}` })),
    ),
    lines: ["clusters.demo.machineDefaults.subnets: has more than 32 subnets, the limit of CAPX; set 32 at most"],
  },
  {
    name: "a boot type that is none",
    change: set("clusters.demo.machineDefaults.bootType", "bios"),
    lines: ['clusters.demo.machineDefaults.bootType: "bios" is not an allowed value; use legacy or uefi'],
  },
  {
    name: "no sockets",
    change: set("clusters.demo.machineDefaults.vcpuSockets", 0),
    lines: ["clusters.demo.machineDefaults.vcpuSockets: 0 is not a count; use an integer, 1 or more"],
  },
  {
    name: "sockets as text",
    change: set("clusters.demo.worker.vcpuSockets", "4"),
    lines: ['clusters.demo.worker.vcpuSockets: "4" is not a count; use an integer, 1 or more'],
  },
  {
    name: "memory without a unit",
    change: set("clusters.demo.machineDefaults.memorySize", "4096"),
    lines: [
      'clusters.demo.machineDefaults.memorySize: "4096" is not a quantity; use an integer and a unit, such as "4Gi"',
    ],
  },
  {
    name: "memory as a number",
    change: set("clusters.demo.machineDefaults.memorySize", 4),
    lines: ['clusters.demo.machineDefaults.memorySize: 4 is not a quantity; use an integer and a unit, such as "4Gi"'],
  },
  {
    name: "memory in GB",
    change: set("clusters.demo.machineDefaults.memorySize", "4GB"),
    lines: [
      'clusters.demo.machineDefaults.memorySize: "4GB" is not a quantity; use an integer and a unit, such as "4Gi"',
    ],
  },
  {
    name: "memory with a fraction",
    change: set("clusters.demo.worker.memorySize", "4.5Gi"),
    lines: ['clusters.demo.worker.memorySize: "4.5Gi" is not a quantity; use an integer and a unit, such as "4Gi"'],
  },
  {
    name: "a disk with a space",
    change: set("clusters.edge.controlPlane.systemDiskSize", "80 Gi"),
    lines: [
      'clusters.edge.controlPlane.systemDiskSize: "80 Gi" is not a quantity; use an integer and a unit, such as "4Gi"',
    ],
  },
  {
    name: "a project of nothing",
    change: set("clusters.demo.machineDefaults.project", ""),
    lines: ['clusters.demo.machineDefaults.project: "" is empty; set it, or remove it'],
  },
  {
    name: "categories without values, as the seed has them",
    change: set("clusters.demo.machineDefaults.additionalCategories", ["k0s", "hcp"]),
    lines: [
      'clusters.demo.machineDefaults.additionalCategories.0: "k0s" has no value; use "key:value" or {key: …, value: …}',
      'clusters.demo.machineDefaults.additionalCategories.1: "hcp" has no value; use "key:value" or {key: …, value: …}',
    ],
  },
  {
    name: "a category of half a pair",
    change: set("clusters.demo.machineDefaults.additionalCategories", [{ key: "a" }]),
    lines: [
      'clusters.demo.machineDefaults.additionalCategories.0: is not a category; use "key:value" or {key: …, value: …}',
    ],
  },
  {
    name: "an override that machines have not",
    change: set("clusters.demo.worker.memory", "4Gi"),
    lines: ["clusters.demo.worker.memory: is an unknown key; remove it"],
  },
  {
    name: "a k0s version without its end",
    change: set("clusters.demo.k0s.version", "v1.32.6"),
    lines: ['clusters.demo.k0s.version: "v1.32.6" is not a k0s version; use a full version, such as "v1.32.6+k0s.0"'],
  },
  {
    name: "a label's key that is none",
    change: set("clusters.demo.k0s.worker.labels", { "a b": "c" }),
    lines: ["clusters.demo.k0s.worker.labels.a b: is not a valid label key; use name or domain/name"],
  },
  {
    name: "a label's value that is none",
    change: set("clusters.demo.labels", { team: "blue team" }),
    lines: [
      "clusters.demo.labels.team: \"blue team\" is not a valid label value; use 63 letters, digits, '-', '_' and '.' at most",
    ],
  },
  {
    name: "a label's value as a number",
    change: set("clusters.demo.labels", { team: 5 }),
    lines: ["clusters.demo.labels.team: 5 is a number, not a string; use a string, in quotes"],
  },
  {
    name: "a taint's effect that is none",
    change: set("clusters.demo.k0s.worker.taints.0.effect", "Never"),
    lines: [
      'clusters.demo.k0s.worker.taints.0.effect: "Never" is not an allowed value; use NoSchedule or PreferNoSchedule or NoExecute',
    ],
  },
  {
    name: "a taint without a key",
    change: set("clusters.demo.k0s.worker.taints", [{ effect: "NoExecute" }]),
    lines: ["clusters.demo.k0s.worker.taints.0.key: is missing; add it"],
  },
  {
    name: "a range of addresses without a length",
    change: set("clusters.demo.clusterNetwork.pods.cidrBlocks", ["10.243.0.0"]),
    lines: [
      'clusters.demo.clusterNetwork.pods.cidrBlocks.0: "10.243.0.0" is not an IPv4 CIDR block; use address/length, such as 10.243.0.0/16',
    ],
  },
  {
    name: "a range of IPv6 addresses",
    change: set("clusters.demo.clusterNetwork.pods.cidrBlocks", ["fd00::/48"]),
    lines: [
      'clusters.demo.clusterNetwork.pods.cidrBlocks.0: "fd00::/48" is not an IPv4 CIDR block; use address/length, such as 10.243.0.0/16',
    ],
  },
  {
    name: "two ranges of pods",
    change: set("clusters.demo.clusterNetwork.pods.cidrBlocks", ["10.243.0.0/16", "10.244.0.0/16"]),
    lines: [
      "clusters.demo.clusterNetwork.pods.cidrBlocks: has more than one CIDR block, and k0s supports one; set one CIDR block",
    ],
  },
  {
    name: "a taint whose key is no key",
    change: set("clusters.demo.k0s.worker.taints", [{ key: "work load", effect: "NoSchedule" }]),
    lines: ['clusters.demo.k0s.worker.taints.0.key: "work load" is not a valid taint key; use name or domain/name'],
  },
  {
    name: "a taint whose value is no value",
    change: set("clusters.demo.k0s.worker.taints", [{ key: "workload", value: "a b", effect: "NoSchedule" }]),
    lines: [
      "clusters.demo.k0s.worker.taints.0.value: \"a b\" is not a valid taint value; use 63 letters, digits, '-', '_' and '.' at most",
    ],
  },
  {
    name: "eleven control plane machines",
    change: set("clusters.edge.controlPlaneNumber", 11),
    lines: ["clusters.edge.controlPlaneNumber: 11 is more than 9 etcd members; set 3, 5 or 7"],
  },
  {
    name: "a range of addresses as text",
    change: set("clusters.demo.clusterNetwork.pods.cidrBlocks", "10.243.0.0/16"),
    lines: ['clusters.demo.clusterNetwork.pods.cidrBlocks: "10.243.0.0/16" is a string, not a list; use a list'],
  },
  {
    name: "no range of addresses",
    change: set("clusters.demo.clusterNetwork.services.cidrBlocks", []),
    lines: ["clusters.demo.clusterNetwork.services.cidrBlocks: is empty; set it, or remove it"],
  },
  {
    name: "fewer workers than none",
    change: set("clusters.demo.workersNumber", -1),
    lines: ["clusters.demo.workersNumber: -1 is not a count; use an integer, 0 or more"],
  },
  {
    name: "half a worker",
    change: set("clusters.demo.workersNumber", 1.5),
    lines: ["clusters.demo.workersNumber: 1.5 is not a count; use an integer, 0 or more"],
  },
  {
    name: "no control plane",
    change: set("clusters.edge.controlPlaneNumber", 0),
    lines: ["clusters.edge.controlPlaneNumber: 0 is not a count; use an integer, 1 or more"],
  },
  {
    name: "a balancer that is none",
    change: set("clusters.edge.loadBalancing.type", "metallb"),
    lines: ['clusters.edge.loadBalancing.type: "metallb" is not an allowed value; use cplb or kube-vip or external'],
  },
  {
    name: "a router ID beyond a byte",
    change: set("clusters.edge.loadBalancing.virtualRouterID", 256),
    lines: ["clusters.edge.loadBalancing.virtualRouterID: 256 is too large; use 255 or less"],
  },
  {
    name: "a prefix length of 0",
    change: set("clusters.edge.loadBalancing.prefixLength", 0),
    lines: ["clusters.edge.loadBalancing.prefixLength: 0 is too small; use 1 or more"],
  },
  {
    name: "a balancer in hosted mode",
    change: set("clusters.demo.loadBalancing", { type: "cplb" }),
    lines: ["clusters.demo.loadBalancing: is an unknown key; remove it"],
  },
  {
    name: "encryption as text",
    change: set("clusters.demo.encryptionAtRest", "aes"),
    lines: ['clusters.demo.encryptionAtRest: "aes" is a string, not a boolean; use true or false'],
  },
  {
    name: "the name of a class",
    change: set("clusters.demo.clusterClass", "nutanix-k0s-hcp"),
    lines: ['clusters.demo.clusterClass: "nutanix-k0s-hcp" is a string, not a boolean; use true or false'],
  },
  {
    name: "values as a list",
    change: set("clusters.demo.values", []),
    lines: ["clusters.demo.values: is a list, not a map; use a map"],
  },
  {
    name: "five faults in four places",
    change: all(
      set("environment", "prod"),
      set("management.kcm.version", "one"),
      set("clusters.demo.workersNumber", "two"),
      set("clusters.demo.machineDefaults.bootTyp", "uefi"),
      set("credentials.edge.password", ""),
    ),
    lines: [
      "credentials.edge.password: is empty; set it with pulumi config set --secret --path 'credentials.edge.password'",
      'environment: "prod" is not an allowed value; use dev or staging or production',
      'management.kcm.version: "one" is not a version; use a full version, such as "1.2.0"',
      'clusters.demo.machineDefaults.bootTyp: is an unknown key; did you mean "bootType"?',
      'clusters.demo.workersNumber: "two" is not a count; use an integer, 0 or more',
    ],
  },
];
