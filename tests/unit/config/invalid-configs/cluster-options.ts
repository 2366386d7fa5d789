import { all, type InvalidConfig, set } from "./invalid-config.ts";

const RACK = { cluster: { type: "name", name: "PE-Rack" }, subnets: [{ type: "name", name: "VM-Network" }] };
const LONG = "d".repeat(40);

/** Parts of clusters that lead nowhere, say two things, or cannot be read. */
export const CLUSTER_OPTIONS: readonly InvalidConfig[] = [
  {
    name: "an image beside an image lookup",
    change: set("clusters.demo.machineDefaults.imageLookup", { baseOS: "ubuntu-22.04" }),
    lines: ["clusters.demo.machineDefaults.imageLookup: conflicts with image; set one of the two"],
  },
  {
    name: "a worker's image beside an image lookup, and a key misspelt",
    change: set("clusters.demo.worker", {
      image: { type: "name", name: "i" },
      imageLookup: { baseOS: "u" },
      vcpuSocket: 2,
    }),
    lines: [
      'clusters.demo.worker.vcpuSocket: is an unknown key; did you mean "vcpuSockets"?',
      "clusters.demo.worker.imageLookup: conflicts with image; set one of the two",
    ],
  },
  {
    name: "GPUs of control plane machines",
    change: set("clusters.edge.controlPlane.gpus", [{ type: "name", name: "Ampere 40" }]),
    lines: ["clusters.edge.controlPlane.gpus: is an unknown key; remove it"],
  },
  {
    name: "a GPU as text",
    change: set("clusters.demo.worker.gpus", ["Ampere 40"]),
    lines: [
      'clusters.demo.worker.gpus.0: "Ampere 40" is not a GPU; use {type: name, name: …} or {type: deviceID, deviceID: …}',
    ],
  },
  {
    name: "a data disk without a size",
    change: set("clusters.demo.worker.dataDisks", [{}]),
    lines: ['clusters.demo.worker.dataDisks.0.diskSize: is not a quantity; use an integer and a unit, such as "4Gi"'],
  },
  {
    name: "a pool without replicas",
    change: set("clusters.demo.workerPools", { gpu: {} }),
    lines: ["clusters.demo.workerPools.gpu.replicas: is not a count; use an integer, 0 or more"],
  },
  {
    name: "a pool's name of 21 letters",
    change: set("clusters.demo.workerPools", { [LONG.slice(0, 21)]: { replicas: 1 } }),
    lines: [
      "clusters.demo.workerPools.ddddddddddddddddddddd: is not a name; use lower-case letters, digits and '-', a letter first, 20 characters at most",
    ],
  },
  {
    name: "a pool of the first pool's name",
    change: set("clusters.demo.workerPools", { md: { replicas: 1 } }),
    lines: ["clusters.demo.workerPools.md: creates machines named demo-md like worker; rename the pool"],
  },
  {
    name: "two pools whose machines have one name",
    change: all(
      set("clusters.demo.failureDomains", { c: RACK, "b-c": RACK }),
      set("clusters.demo.workerPools", {
        a: { replicas: 1, failureDomains: ["b-c"] },
        "a-b": { replicas: 1, failureDomains: ["c"] },
      }),
    ),
    lines: ["clusters.demo.workerPools.a-b: creates machines named demo-a-b-c like workerPools.a; rename the pool"],
  },
  {
    name: "machines whose name is too long",
    change: (file) => {
      file["clusters"][LONG] = {
        ...file["clusters"].demo,
        nutanix: { controlPlaneEndpoint: { host: "10.1.1.210" } },
        failureDomains: { "rack-in-the-cellar": RACK },
        workerPools: { large: { replicas: 1, failureDomains: ["rack-in-the-cellar"] } },
      };
    },
    lines: [
      `clusters.${LONG}.workerPools.large: creates machines named ${LONG}-large-rack-in-the-cellar, 65 characters, more than 63; shorten the name of the cluster, the pool or the failure domain`,
      `clusters.demo.nutanix.prismCentral.usePerClusterCredential: makes the cluster use the global credentials, which clusters.${LONG} uses too (credentials-are-not-shared); set it to true, and add a credential for the cluster`,
    ],
  },
  {
    name: "failure domains that are not there, and one that is not used",
    change: all(
      set("clusters.edge.failureDomains", { a: RACK }),
      set("clusters.edge.controlPlane.failureDomains", ["b"]),
      set("clusters.demo.worker.failureDomains", ["a"]),
    ),
    lines: [
      'clusters.demo.worker.failureDomains.0: "a" is not a failure domain of the cluster; add failureDomains.a',
      'clusters.edge.controlPlane.failureDomains.0: "b" is not a failure domain of the cluster; write a, or add it',
      "clusters.edge.failureDomains.a: has no effect, since no machines use it; add it to failureDomains of controlPlane, worker or a pool, or remove it",
    ],
  },
  {
    name: "a failure domain named twice",
    change: all(
      set("clusters.demo.failureDomains", { a: RACK }),
      set("clusters.demo.worker.failureDomains", ["a", "a"]),
    ),
    lines: ["clusters.demo.worker.failureDomains: has a failure domain twice; set each once"],
  },
  {
    name: "a proxy that is named nowhere",
    change: set("clusters.demo.proxy", { noProxy: ["10.1.1.0/24"] }),
    lines: ["clusters.demo.proxy: has no proxy; set http, https or both, or remove proxy"],
  },
  {
    name: "a login in a proxy's address",
    change: set("clusters.demo.proxy", { https: "http://svc:canary@proxy.example.com:3128" }),
    lines: [
      'clusters.demo.proxy.https: "http://…@proxy.example.com:3128" is not the URL of an HTTP proxy; use http://host:port, without a user: every machine has the URL in plain text',
    ],
  },
  {
    name: "what a proxy is not for, with a blank in it",
    change: set("clusters.demo.proxy", {
      http: "http://proxy.example.com:3128",
      noProxy: ["10.1.1.0/24, .example.com"],
    }),
    lines: [
      'clusters.demo.proxy.noProxy.0: "10.1.1.0/24, .example.com" is neither a host nor a CIDR block; use a host, a domain with a leading dot, or a CIDR block',
    ],
  },
  {
    name: "a private key among public ones",
    change: set("clusters.demo.ssh", { user: "root", publicKeys: ["-----BEGIN OPENSSH PRIVATE KEY-----"] }),
    lines: [
      'clusters.demo.ssh.user: "root" is the superuser, and images allow no login of root by key; use another user, who gets sudo',
      'clusters.demo.ssh.publicKeys.0: "-----BEGIN OPENSSH PRIVATE KEY-----" is not an OpenSSH public key; use the line of a .pub file, such as ssh-ed25519 AAAA… name',
    ],
  },
  {
    name: "a user's name that a shell would read",
    change: set("clusters.demo.ssh", { user: "a;id", publicKeys: [`ssh-ed25519 ${"A".repeat(68)} me@example.com`] }),
    lines: [
      "clusters.demo.ssh.user: \"a;id\" is not the name of a Linux user; use lower-case letters, digits, '-' and '_', 32 at most",
    ],
  },
  {
    name: "charts of Nutanix without TLS, and an addon that is not said to be on",
    change: set("clusters.demo.addons", {
      ccm: { ignoredNodeIPs: [] },
      csi: { enabled: true, repository: "http://a" },
    }),
    lines: [
      "clusters.demo.addons.ccm.enabled: is missing; add it",
      'clusters.demo.addons.csi.repository: "http://a" is not a secure chart repository; use https://… or oci://…, without credentials',
    ],
  },
  {
    name: "an address that is ignored and none",
    change: set("clusters.demo.addons", { ccm: { enabled: true, ignoredNodeIPs: ["10.1.1"] } }),
    lines: [
      'clusters.demo.addons.ccm.ignoredNodeIPs.0: "10.1.1" is neither an IPv4 address nor a CIDR block; use 10.1.1.10 or 10.1.1.0/28',
    ],
  },
];
