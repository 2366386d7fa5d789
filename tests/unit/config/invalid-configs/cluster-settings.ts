import { all, type InvalidConfig, set } from "./invalid-config.ts";

const RACK = { cluster: { type: "name", name: "PE-Rack" }, subnets: [{ type: "name", name: "VM-Network" }] };
const LONG = "d".repeat(40);

/** Clusters that cannot be read, conflict in themselves, or reference what does not exist. */
export const CLUSTER_SETTINGS: readonly InvalidConfig[] = [
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
    name: "33 subnets",
    change: set(
      "clusters.demo.machineDefaults.subnets",
      Array.from({ length: 33 }, (_, index) => ({ type: "name", name: `s${index}` })),
    ),
    lines: ["clusters.demo.machineDefaults.subnets: has more than 32 subnets, the limit of CAPX; set 32 at most"],
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
    name: "clusters that name objects of their charts alike, and one with the name of a release",
    change: (file) => {
      const { demo } = file["clusters"];
      const of = (mode: string, last: number, more: object) => ({
        ...file["clusters"][mode === "hcp" ? "demo" : "edge"],
        nutanix: { ...demo.nutanix, controlPlaneEndpoint: { host: `10.1.1.${last}` } },
        ...more,
      });
      file["environment"] = "dev";
      delete file["policy"];
      delete file["credentials"].edge;
      const pool = { replicas: 1 };
      file["clusters"] = {
        a: of("hcp", 211, { workerPools: { "x-md": pool, "hcp-worker": pool, "b-c": pool } }),
        "a-x": of("hcp", 212, { workerPools: {} }),
        "a-hcp-worker": of("hcp", 213, { workerPools: {} }),
        "a-b": of("hcp", 214, { workerPools: { c: { ...pool, failureDomains: ["d"] } }, failureDomains: { d: RACK } }),
        capi: of("hcp", 215, { workerPools: {} }),
      };
    },
    lines: [
      "clusters.a-x: has the MachineDeployment a-x-md like clusters.a.workerPools.x-md; rename one of the two",
      "clusters.a-hcp-worker: has the K0sWorkerConfigTemplate a-hcp-worker-hcp-worker-bootstrap like clusters.a.workerPools.hcp-worker; rename one of the two",
      "clusters.a-b.workerPools.c: has the MachineHealthCheck a-b-c like clusters.a.workerPools.b-c; rename one of the two",
      "clusters.capi: has the name of a Helm release of kcm or CAPX; use another name",
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
    name: "a private key among public ones",
    change: set("clusters.demo.ssh", { user: "root", publicKeys: ["-----BEGIN OPENSSH PRIVATE KEY-----"] }),
    lines: [
      'clusters.demo.ssh.user: "root" is the superuser, and images allow no login of root by key; use another user, who gets sudo',
      'clusters.demo.ssh.publicKeys.0: "-----BEGIN OPENSSH PRIVATE KEY-----" is not an OpenSSH public key; use the line of a .pub file, such as ssh-ed25519 AAAA… name',
    ],
  },
];
