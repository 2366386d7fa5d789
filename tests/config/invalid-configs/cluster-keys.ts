import { all, set, type WrongFile, without } from "./invalid-config.ts";

/** Clusters that cannot be read. */
export const CLUSTER_WORDS: readonly WrongFile[] = [
  { name: "clusters as a list", change: set("clusters", []), lines: ["clusters: is a list, not a map; write a map"] },
  {
    name: "clusters as text",
    change: set("clusters", "demo"),
    lines: ['clusters: "demo" is text, not a map; write a map'],
  },
  {
    name: "a cluster of nothing",
    change: set("clusters.demo", null),
    lines: ["clusters.demo: is empty, not a map; write a map"],
  },
  {
    name: "a cluster as text",
    change: set("clusters.demo", "hcp"),
    lines: ['clusters.demo: "hcp" is text, not a map; write a map'],
  },
  {
    name: "a cluster's name in capitals",
    change: (file) => {
      file["clusters"].Demo = file["clusters"].demo;
      delete file["clusters"].demo;
    },
    lines: [
      "clusters.Demo: is not a name; write lower-case letters, digits and '-', a letter first, 40 characters at most",
    ],
  },
  {
    name: "a cluster's name of 41 letters",
    change: (file) => {
      file["clusters"]["d".repeat(41)] = file["clusters"].demo;
      delete file["clusters"].demo;
    },
    lines: [
      "clusters.ddddddddddddddddddddddddddddddddddddddddd: is not a name; write lower-case letters, digits and '-', a letter first, 40 characters at most",
    ],
  },
  {
    name: "no mode",
    change: without("clusters.demo.mode"),
    lines: ["clusters.demo.mode: is missing; write mode: hcp or mode: standalone"],
  },
  {
    name: "a mode that is none",
    change: set("clusters.demo.mode", "hosted"),
    lines: ['clusters.demo.mode: "hosted" is no mode of a cluster; write mode: hcp or mode: standalone'],
  },
  {
    name: "a key of the cluster misspelt",
    change: set("clusters.demo.workerNumber", 3),
    lines: ['clusters.demo.workerNumber: is not a key that is known here; did you mean "workersNumber"?'],
  },
  {
    name: "control plane machines in hosted mode",
    change: set("clusters.demo.controlPlane", { vcpuSockets: 4 }),
    lines: ["clusters.demo.controlPlane: is not a key that is known here; take it out"],
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
      "clusters.edge.nutanix.prismCentral.credentialSecretName: \"Edge_Login\" is not the name of a Kubernetes object; write lower-case letters, digits, '-' and '.'",
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
      "clusters.demo.machineDefaults.image: is missing; write {type: name, name: …} or {type: uuid, uuid: …}, or imageLookup in its place",
    ],
  },
  {
    name: "an image as text",
    change: set("clusters.demo.machineDefaults.image", "ubuntu"),
    lines: [
      'clusters.demo.machineDefaults.image: "ubuntu" says neither name nor uuid; write {type: name, name: …} or {type: uuid, uuid: …}',
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
      'clusters.demo.machineDefaults.image.type: "id" says neither name nor uuid; write {type: name, name: …} or {type: uuid, uuid: …}',
    ],
  },
  {
    name: "an image by name with a UUID",
    change: set("clusters.demo.machineDefaults.image.uuid", "550e8400-e29b-41d4-a716-446655440000"),
    lines: ["clusters.demo.machineDefaults.image.uuid: is not a key that is known here; take it out"],
  },
  {
    name: "a UUID that is none",
    change: set("clusters.edge.machineDefaults.cluster.uuid", "550e8400"),
    lines: [
      'clusters.edge.machineDefaults.cluster.uuid: "550e8400" is not a UUID; copy the 36 characters that Prism Central shows, or use type: name',
    ],
  },
  {
    name: "no subnets",
    change: set("clusters.demo.machineDefaults.subnets", []),
    lines: [
      "clusters.demo.machineDefaults.subnets: is empty; name one subnet or more; the first is the nodes' network",
    ],
  },
  {
    name: "a subnet in place of a list",
    change: set("clusters.demo.machineDefaults.subnets", { type: "name", name: "a" }),
    lines: ["clusters.demo.machineDefaults.subnets: is a map, not a list; write a list"],
  },
  {
    name: "33 subnets",
    change: set(
      "clusters.demo.machineDefaults.subnets",
      Array.from({ length: 33 }, (_, index) => ({ type: "name", name: `s${index}` })),
    ),
    lines: ["clusters.demo.machineDefaults.subnets: has more than the 32 subnets that CAPX takes; name 32 at most"],
  },
  {
    name: "a boot type that is none",
    change: set("clusters.demo.machineDefaults.bootType", "bios"),
    lines: [
      'clusters.demo.machineDefaults.bootType: "bios" is not one of the values that are known; write legacy or uefi',
    ],
  },
  {
    name: "no sockets",
    change: set("clusters.demo.machineDefaults.vcpuSockets", 0),
    lines: ["clusters.demo.machineDefaults.vcpuSockets: 0 is not a count; write a whole number, 1 or more"],
  },
  {
    name: "sockets as text",
    change: set("clusters.demo.worker.vcpuSockets", "4"),
    lines: ['clusters.demo.worker.vcpuSockets: "4" is not a count; write a whole number, 1 or more'],
  },
  {
    name: "memory without a unit",
    change: set("clusters.demo.machineDefaults.memorySize", "4096"),
    lines: [
      'clusters.demo.machineDefaults.memorySize: "4096" is not an amount; write a whole number and a unit, such as "4Gi"',
    ],
  },
  {
    name: "memory as a number",
    change: set("clusters.demo.machineDefaults.memorySize", 4),
    lines: [
      'clusters.demo.machineDefaults.memorySize: 4 is not an amount; write a whole number and a unit, such as "4Gi"',
    ],
  },
  {
    name: "memory in GB",
    change: set("clusters.demo.machineDefaults.memorySize", "4GB"),
    lines: [
      'clusters.demo.machineDefaults.memorySize: "4GB" is not an amount; write a whole number and a unit, such as "4Gi"',
    ],
  },
  {
    name: "memory with a fraction",
    change: set("clusters.demo.worker.memorySize", "4.5Gi"),
    lines: [
      'clusters.demo.worker.memorySize: "4.5Gi" is not an amount; write a whole number and a unit, such as "4Gi"',
    ],
  },
  {
    name: "a disk with a space",
    change: set("clusters.edge.controlPlane.systemDiskSize", "80 Gi"),
    lines: [
      'clusters.edge.controlPlane.systemDiskSize: "80 Gi" is not an amount; write a whole number and a unit, such as "4Gi"',
    ],
  },
  {
    name: "a project of nothing",
    change: set("clusters.demo.machineDefaults.project", ""),
    lines: ['clusters.demo.machineDefaults.project: "" is empty; fill it in, or take it out'],
  },
  {
    name: "categories without values, as the seed has them",
    change: set("clusters.demo.machineDefaults.additionalCategories", ["k0s", "hcp"]),
    lines: [
      'clusters.demo.machineDefaults.additionalCategories.0: "k0s" has no value; CAPX takes categories as pairs: write "key:value" or {key: …, value: …}',
      'clusters.demo.machineDefaults.additionalCategories.1: "hcp" has no value; CAPX takes categories as pairs: write "key:value" or {key: …, value: …}',
    ],
  },
  {
    name: "a category of half a pair",
    change: set("clusters.demo.machineDefaults.additionalCategories", [{ key: "a" }]),
    lines: [
      'clusters.demo.machineDefaults.additionalCategories.0: is not a category; CAPX takes categories as pairs: write "key:value" or {key: …, value: …}',
    ],
  },
  {
    name: "an override that machines have not",
    change: set("clusters.demo.worker.memory", "4Gi"),
    lines: ["clusters.demo.worker.memory: is not a key that is known here; take it out"],
  },
  {
    name: "a k0s version without its end",
    change: set("clusters.demo.k0s.version", "v1.32.6"),
    lines: ['clusters.demo.k0s.version: "v1.32.6" is not a k0s version; write it in full, such as "v1.32.6+k0s.0"'],
  },
  {
    name: "a label's key that is none",
    change: set("clusters.demo.k0s.worker.labels", { "a b": "c" }),
    lines: ["clusters.demo.k0s.worker.labels.a b: is not a label's key; write it as name or as domain/name"],
  },
  {
    name: "a label's value that is none",
    change: set("clusters.demo.labels", { team: "blue team" }),
    lines: [
      "clusters.demo.labels.team: \"blue team\" is not a label's value; write 63 letters, digits, '-', '_' and '.' at most",
    ],
  },
  {
    name: "a label's value as a number",
    change: set("clusters.demo.labels", { team: 5 }),
    lines: ["clusters.demo.labels.team: 5 is a number, not text; write text, in quotes"],
  },
  {
    name: "a taint's effect that is none",
    change: set("clusters.demo.k0s.worker.taints.0.effect", "Never"),
    lines: [
      'clusters.demo.k0s.worker.taints.0.effect: "Never" is not one of the values that are known; write NoSchedule or PreferNoSchedule or NoExecute',
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
      'clusters.demo.clusterNetwork.pods.cidrBlocks.0: "10.243.0.0" is not a range of IPv4 addresses; write it as address/length, such as 10.243.0.0/16',
    ],
  },
  {
    name: "a range of IPv6 addresses",
    change: set("clusters.demo.clusterNetwork.pods.cidrBlocks", ["fd00::/48"]),
    lines: [
      'clusters.demo.clusterNetwork.pods.cidrBlocks.0: "fd00::/48" is not a range of IPv4 addresses; write it as address/length, such as 10.243.0.0/16',
    ],
  },
  {
    name: "two ranges of pods",
    change: set("clusters.demo.clusterNetwork.pods.cidrBlocks", ["10.243.0.0/16", "10.244.0.0/16"]),
    lines: [
      "clusters.demo.clusterNetwork.pods.cidrBlocks: has more than one range, and k0s takes one; write one range",
    ],
  },
  {
    name: "a taint whose key is no key",
    change: set("clusters.demo.k0s.worker.taints", [{ key: "work load", effect: "NoSchedule" }]),
    lines: [
      'clusters.demo.k0s.worker.taints.0.key: "work load" is not a taint\'s key; write it as name or as domain/name',
    ],
  },
  {
    name: "a taint whose value is no value",
    change: set("clusters.demo.k0s.worker.taints", [{ key: "workload", value: "a b", effect: "NoSchedule" }]),
    lines: [
      "clusters.demo.k0s.worker.taints.0.value: \"a b\" is not a taint's value; write 63 letters, digits, '-', '_' and '.' at most",
    ],
  },
  {
    name: "eleven control plane machines",
    change: set("clusters.edge.controlPlaneNumber", 11),
    lines: ["clusters.edge.controlPlaneNumber: 11 is more than the 9 members that an etcd is kept to; write 3, 5 or 7"],
  },
  {
    name: "a range of addresses as text",
    change: set("clusters.demo.clusterNetwork.pods.cidrBlocks", "10.243.0.0/16"),
    lines: ['clusters.demo.clusterNetwork.pods.cidrBlocks: "10.243.0.0/16" is text, not a list; write a list'],
  },
  {
    name: "no range of addresses",
    change: set("clusters.demo.clusterNetwork.services.cidrBlocks", []),
    lines: ["clusters.demo.clusterNetwork.services.cidrBlocks: is empty; fill it in, or take it out"],
  },
  {
    name: "fewer workers than none",
    change: set("clusters.demo.workersNumber", -1),
    lines: ["clusters.demo.workersNumber: -1 is not a count; write a whole number, 0 or more"],
  },
  {
    name: "half a worker",
    change: set("clusters.demo.workersNumber", 1.5),
    lines: ["clusters.demo.workersNumber: 1.5 is not a count; write a whole number, 0 or more"],
  },
  {
    name: "no control plane",
    change: set("clusters.edge.controlPlaneNumber", 0),
    lines: ["clusters.edge.controlPlaneNumber: 0 is not a count; write a whole number, 1 or more"],
  },
  {
    name: "a balancer that is none",
    change: set("clusters.edge.loadBalancing.type", "metallb"),
    lines: [
      'clusters.edge.loadBalancing.type: "metallb" is not one of the values that are known; write cplb or kube-vip or external',
    ],
  },
  {
    name: "a router ID beyond a byte",
    change: set("clusters.edge.loadBalancing.virtualRouterID", 256),
    lines: ["clusters.edge.loadBalancing.virtualRouterID: 256 is too large; write 255 or less"],
  },
  {
    name: "a prefix length of 0",
    change: set("clusters.edge.loadBalancing.prefixLength", 0),
    lines: ["clusters.edge.loadBalancing.prefixLength: 0 is too small; write 1 or more"],
  },
  {
    name: "a balancer in hosted mode",
    change: set("clusters.demo.loadBalancing", { type: "cplb" }),
    lines: ["clusters.demo.loadBalancing: is not a key that is known here; take it out"],
  },
  {
    name: "encryption as text",
    change: set("clusters.demo.encryptionAtRest", "aes"),
    lines: ['clusters.demo.encryptionAtRest: "aes" is text, not true or false; write true or false'],
  },
  {
    name: "the name of a class",
    change: set("clusters.demo.clusterClass", "nutanix-k0s-hcp"),
    lines: ['clusters.demo.clusterClass: "nutanix-k0s-hcp" is text, not true or false; write true or false'],
  },
  {
    name: "values as a list",
    change: set("clusters.demo.values", []),
    lines: ["clusters.demo.values: is a list, not a map; write a map"],
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
      'environment: "prod" is not one of the values that are known; write dev or staging or production',
      'management.kcm.version: "one" is not a version; write it in full, such as "1.2.0"',
      'clusters.demo.machineDefaults.bootTyp: is not a key that is known here; did you mean "bootType"?',
      'clusters.demo.workersNumber: "two" is not a count; write a whole number, 0 or more',
    ],
  },
];
