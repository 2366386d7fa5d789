/** Each check of Prism Central failing, or not knowing, by one thing that differs from the good scene. */
import { Inconclusive } from "../../preflight/check.ts";
import { type StandInContainer, standInUuid } from "../../sandbox/prism-central/fixture.ts";
import { certificate, ELEMENT, goodStack, goodWorld, IMAGE, type Scene } from "./fixture.ts";

export interface Case {
  /** What is wrong, as the end of a sentence. */
  readonly title: string;
  readonly check: string;
  readonly scene: Scene;
  readonly lines: readonly string[];
}

const world = goodWorld();
const demoOnly = { clusters: ["demo"] };
const edgeOnly = { clusters: ["edge"] };
const hosted = (change: (demo: any) => void): Scene => ({
  ...demoOnly,
  stack: goodStack(({ clusters }) => change(clusters.demo)),
});
const standalone = (change: (edge: any) => void): Scene => ({
  ...edgeOnly,
  stack: goodStack(({ clusters }) => change(clusters.edge)),
});
const machine = (name: string, addresses: string[] = []) => ({
  uuid: standInUuid(5, 2),
  name,
  cluster: ELEMENT,
  memoryMib: 4096,
  addresses,
});
const OTHER = standInUuid(1, 2);
const [DEFAULT_CONTAINER] = world.containers as [StandInContainer];

export const CASES: readonly Case[] = [
  {
    title: "the login is wrong",
    check: "prism-central-authentication-succeeds",
    scene: { ...demoOnly, passwords: { global: "wrong" } },
    lines: [
      "- fail: prism-central.example.com:9440 rejects the login credentials.global (401); set credentials.global to a user of Prism Central; a user of a directory is written user@domain",
    ],
  },
  {
    title: "the login is not known here",
    check: "prism-central-authentication-succeeds",
    scene: { ...edgeOnly, passwords: { global: 'global "canary\\ 1' } },
    lines: [
      "- pass: prism-central.example.com:9440 accepts credentials.global",
      "- fail: the login credentials.edge is not known here; give it as --help says",
    ],
  },
  {
    title: "Prism Central is older than CAPX asks for",
    check: "prism-central-version-is-supported",
    scene: { ...demoOnly, world: goodWorld({ version: "2024.1.0.1" }) },
    lines: [
      "- fail: prism-central.example.com:9440 runs 2024.1.0.1, and CAPX 1.7.0 asks for 2024.3 or later; update Prism Central, or take a CAPX that asks for less in capx.version",
    ],
  },
  {
    title: "CAPX is newer than Prism Central",
    check: "prism-central-version-is-supported",
    scene: { ...demoOnly, stack: goodStack((stack) => (stack.capx.version = "1.8.0")) },
    lines: [
      "- fail: prism-central.example.com:9440 runs 2024.3.0.1, and CAPX 1.8.0 asks for 7.3 or later; update Prism Central, or take a CAPX that asks for less in capx.version",
    ],
  },
  {
    title: "Prism Central is a build without a number",
    check: "prism-central-version-is-supported",
    scene: { ...demoOnly, world: goodWorld({ version: "master" }) },
    lines: [
      "- unknown: prism-central.example.com:9440 runs master, a build without a number; CAPX 1.7.0 asks for 2024.3",
    ],
  },
  {
    title: "its clock is ahead",
    check: "prism-central-clock-is-in-sync",
    scene: { ...demoOnly, standIn: { clockAhead: 600 } },
    lines: [
      "- fail: the clock of prism-central.example.com:9440 is 10 min ahead of this machine's; set the right time by NTP on the one that is wrong",
    ],
  },
  {
    title: "subnets and images may not be read",
    check: "prism-central-reads-are-permitted",
    scene: { ...demoOnly, standIn: { faults: [{ on: /config\/subnets|content\/images/, status: 403 }] } },
    lines: [
      "- fail: prism-central.example.com:9440 does not let credentials.global read subnets, images; add to its role: View Subnet, View Image",
    ],
  },
  {
    title: "the role lacks permissions",
    check: "prism-central-role-is-sufficient",
    scene: {
      ...demoOnly,
      world: goodWorld({
        users: world.users.map((user) => ({
          ...user,
          role: {
            name: "capx-reader",
            permissions: (user.role?.permissions ?? []).filter((one) => !/Create Virtual|Delete Image/.test(one)),
          },
        })),
      }),
    },
    lines: [
      '- fail: credentials.global has "capx-reader", which lacks Delete Image, Create Virtual Machine; add them to the role in Prism Central',
    ],
  },
  {
    title: "the user is local to Prism Central",
    check: "prism-central-role-is-sufficient",
    scene: { ...demoOnly, world: goodWorld({ users: world.users.map(({ role: _, ...user }) => user) }) },
    lines: [
      "- unknown: Prism Central names no policy of the user, as for users that are local to it; compare its role with the table in docs/preflight.md by hand",
    ],
  },
  {
    title: "the user may not read its role",
    check: "prism-central-role-is-sufficient",
    scene: { ...demoOnly, standIn: { faults: [{ on: /\/roles\//, status: 403 }] } },
    lines: ["- unknown: the user may not read its role (403); see prism-central-reads-are-permitted"],
  },
  {
    title: "there is no such Prism Element",
    check: "prism-element-exists",
    scene: hosted((demo) => (demo.machineDefaults.cluster.name = "PE-Cluster-10")),
    lines: [
      'demo fail: there is no Prism Element "PE-Cluster-10"; make it, or write one that is there: "PE-Cluster-01" (00000001-0000-4000-8000-000000000001)',
    ],
  },
  {
    title: "two Prism Elements have the name",
    check: "prism-element-exists",
    scene: {
      ...demoOnly,
      world: goodWorld({ elements: [...world.elements, { uuid: OTHER, name: "pe-cluster-01" }] }),
    },
    lines: [
      'demo fail: 2 Prism Elements are named "PE-Cluster-01": 00000001-0000-4000-8000-000000000001, 00000001-0000-4000-8000-000000000002; write {type: uuid, uuid: …} with the UUID of the one that is meant',
    ],
  },
  {
    title: "it is Prism Central that is named",
    check: "prism-element-is-not-prism-central",
    scene: hosted((demo) => (demo.machineDefaults.cluster.name = "pc-01")),
    lines: ['demo fail: "pc-01" is Prism Central\'s own entry; name the Prism Element that the machines run on'],
  },
  {
    title: "Prism Central has the Prism Element's name too",
    check: "prism-element-is-not-prism-central",
    scene: {
      ...demoOnly,
      world: goodWorld({
        elements: [...world.elements, { uuid: OTHER, name: "PE-Cluster-01", service: "PRISM_CENTRAL" }],
      }),
    },
    lines: [
      'demo fail: "PE-Cluster-01" is the name of a Prism Element and of Prism Central\'s own entry; write {type: uuid, uuid: 00000001-0000-4000-8000-000000000001}, so that nobody mistakes them',
    ],
  },
  {
    title: "there is no such subnet",
    check: "subnets-exist",
    scene: hosted((demo) => demo.machineDefaults.subnets.push({ type: "uuid", uuid: standInUuid(2, 7) })),
    lines: [
      'demo fail: there is no subnet with the UUID 00000002-0000-4000-8000-000000000007; make it, or write one that is there: "VM-Network" (00000002-0000-4000-8000-000000000001), "Storage-Network" (00000002-0000-4000-8000-000000000002)',
    ],
  },
  {
    title: "two subnets of one name are on the Prism Element",
    check: "subnets-exist",
    scene: {
      ...demoOnly,
      world: goodWorld({
        subnets: [...world.subnets, { uuid: standInUuid(2, 3), name: "VM-Network", cluster: ELEMENT }],
      }),
    },
    lines: [
      'demo fail: 2 subnets are named "VM-Network": 00000002-0000-4000-8000-000000000001, 00000002-0000-4000-8000-000000000003; write {type: uuid, uuid: …} with the UUID of the one that is meant',
    ],
  },
  {
    title: "the subnet is on another Prism Element",
    check: "subnets-reach-the-prism-element",
    scene: {
      ...demoOnly,
      world: goodWorld({ subnets: world.subnets.map((subnet) => ({ ...subnet, cluster: OTHER })) }),
    },
    lines: [
      'demo fail: the subnet "VM-Network" (00000002-0000-4000-8000-000000000001) is not on the Prism Element "PE-Cluster-01"; name a subnet of that Prism Element, or the Prism Element of that subnet',
    ],
  },
  {
    title: "there is no such image",
    check: "image-exists",
    scene: hosted((demo) => (demo.machineDefaults.image.name = "ubuntu-22.04")),
    lines: [
      'demo fail: there is no image "ubuntu-22.04"; make it, or write one that is there: "ubuntu-22.04-k0s" (00000003-0000-4000-8000-000000000001)',
    ],
  },
  {
    title: "three images have the name",
    check: "image-exists",
    scene: {
      ...demoOnly,
      world: goodWorld({
        images: [1, 2, 3].map((index) => ({ uuid: standInUuid(3, index), name: "ubuntu-22.04-k0s", bytes: 1 })),
      }),
    },
    lines: [
      'demo fail: 3 images are named "ubuntu-22.04-k0s": 00000003-0000-4000-8000-000000000001, 00000003-0000-4000-8000-000000000002, 00000003-0000-4000-8000-000000000003; write {type: uuid, uuid: …} with the UUID of the one that is meant',
    ],
  },
  {
    title: "no image has the form that is looked up",
    check: "image-exists",
    scene: hosted((demo) => {
      delete demo.machineDefaults.image;
      demo.machineDefaults.imageLookup = { baseOS: "ubuntu-22.04" };
    }),
    lines: [
      "demo fail: there is no image whose name has the form capx-ubuntu-22.04-1.32.6-*; upload one that has, or change imageLookup, whose form is read as a regular expression",
    ],
  },
  {
    title: "the image is being deleted",
    check: "image-is-not-being-deleted",
    scene: {
      ...demoOnly,
      world: goodWorld({ images: world.images.map((image) => ({ ...image, isBeingDeleted: true })) }),
    },
    lines: [
      'demo fail: the image "ubuntu-22.04-k0s" (00000003-0000-4000-8000-000000000001) is being deleted; name another, or upload it again',
    ],
  },
  {
    title: "the image is larger than the disk",
    check: "image-fits-the-disk",
    scene: {
      ...standalone((edge) => (edge.controlPlane = { systemDiskSize: "80Gi" })),
      world: goodWorld({ images: [{ uuid: IMAGE, name: "ubuntu-22.04-k0s", bytes: 40 * 2 ** 30 + 1 }] }),
    },
    lines: [
      'edge fail: the image "ubuntu-22.04-k0s" has 40.1 GiB, and the disk that it is put on 40Gi; set clusters.edge.worker.systemDiskSize to 41Gi or more',
    ],
  },
  {
    title: "there is no such project",
    check: "project-exists",
    scene: hosted((demo) => (demo.machineDefaults.project = "k8s-project")),
    lines: [
      'demo fail: there is no project "k8s-project"; make it, or write one that is there: "k0s-project" (00000004-0000-4000-8000-000000000001)',
    ],
  },
  {
    title: "a category is not there",
    check: "categories-exist",
    scene: hosted((demo) => demo.machineDefaults.additionalCategories.push({ key: "environment", value: "prod" })),
    lines: [
      "demo fail: there is no category environment:prod; make it in Prism Central: CAPX puts on what is there, and makes none",
    ],
  },
  {
    title: "too few GPUs are free",
    check: "gpus-are-free",
    scene: {
      ...demoOnly,
      world: goodWorld({ gpus: world.gpus.map((gpu, index) => ({ ...gpu, inUse: index > 1 })) }),
    },
    lines: [
      'demo fail: "PE-Cluster-01" has 4 GPUs "Tesla T4", 2 of them free; 3 are asked for with one for updates; free some, or ask for fewer workers',
    ],
  },
  {
    title: "there is no such GPU",
    check: "gpus-are-free",
    scene: hosted((demo) => (demo.workerPools.gpu.gpus = [{ type: "deviceID", deviceID: 42 }])),
    lines: ['demo fail: "PE-Cluster-01" has no GPU with the ID 42; write the name or ID that Prism Central shows'],
  },
  {
    title: "the storage container is elsewhere",
    check: "storage-container-exists",
    scene: {
      ...demoOnly,
      world: goodWorld({ containers: world.containers.map((container) => ({ ...container, cluster: OTHER })) }),
    },
    lines: [
      'demo fail: there is no storage container "default-container" on "PE-Cluster-01"; make it: there is no storage container to choose from',
    ],
  },
  {
    title: "the pools have too few addresses",
    check: "subnet-addresses-are-free",
    scene: {
      ...edgeOnly,
      world: goodWorld({
        subnets: world.subnets.map((subnet) => ({
          ...subnet,
          pools: [{ from: "10.1.1.20", to: "10.1.1.24", free: 5 }],
        })),
      }),
    },
    lines: ['edge fail: the pools of "VM-Network" have 5 free addresses for 6; widen a pool of the subnet'],
  },
  {
    title: "the hosts have too little memory",
    check: "memory-is-available",
    scene: { world: goodWorld({ hosts: [{ uuid: standInUuid(6, 1), cluster: ELEMENT, memoryMib: 65536 + 32768 }] }) },
    lines: [
      '- fail: 9 machines of demo, edge ask for 36 GiB and an update for 16 GiB on top; "PE-Cluster-01" has 32 GiB of 96 GiB that no machine has; ask for fewer or smaller machines, or add hosts; controller VMs and reserves come on top',
    ],
  },
  {
    title: "the clusters are there, and only an update needs room",
    check: "memory-is-available",
    scene: { existing: ["demo", "edge"] },
    lines: [
      '- pass: an update of demo, edge asks for 16 GiB on top; "PE-Cluster-01" has 320 GiB of 384 GiB that no machine has',
    ],
  },
  {
    title: "a control plane is spread over failure domains, and only one of it is replaced at a time",
    check: "memory-is-available",
    scene: {
      ...standalone((edge) => {
        const subnets = [{ type: "name", name: "VM-Network" }];
        const cluster = { type: "name", name: "PE-Cluster-01" };
        edge.failureDomains = Object.fromEntries(["a", "b", "c"].map((name) => [name, { cluster, subnets }]));
        edge.controlPlane = { failureDomains: ["a", "b", "c"], memorySize: "8Gi" };
      }),
    },
    lines: [
      '- pass: 5 machines of edge ask for 32 GiB and an update for 12 GiB on top; "PE-Cluster-01" has 320 GiB of 384 GiB that no machine has',
    ],
  },
  {
    title: "machines would share cores",
    check: "vcpus-are-available",
    scene: { world: goodWorld({ hosts: [{ uuid: standInUuid(6, 1), cluster: ELEMENT, memoryMib: 1, cores: 20 }] }) },
    lines: [
      '- unknown: 9 machines of demo, edge ask for 18 vCPUs and an update for 8 vCPUs on top; "PE-Cluster-01" has 20 cores, and 24 vCPUs that run: 2.5 vCPUs a core, which hosts may share, and whether that is too many depends on their load; compare with the ratio that you allow, and with CPU ready time in Prism Central',
    ],
  },
  {
    title: "machines would share cores, told by the v3 API",
    check: "vcpus-are-available",
    scene: {
      ...demoOnly,
      existing: ["demo"],
      world: goodWorld({
        version: "2024.1.0.1",
        hosts: [{ uuid: standInUuid(6, 1), cluster: ELEMENT, memoryMib: 1, cores: 20 }],
      }),
    },
    lines: [
      '- unknown: an update of demo asks for 4 vCPUs on top; "PE-Cluster-01" has 20 cores, and 24 vCPUs that run: 1.4 vCPUs a core, which hosts may share, and whether that is too many depends on their load; compare with the ratio that you allow, and with CPU ready time in Prism Central',
    ],
  },
  {
    title: "no host runs as many threads as one machine has vCPUs",
    check: "vcpus-are-available",
    scene: hosted((demo) => (demo.workerPools.gpu.vcpuSockets = 65)),
    lines: [
      '- fail: a machine asks for 65 vCPUs, and no host of "PE-Cluster-01" runs more than 64 threads; ask for machines that fit on one host',
    ],
  },
  {
    title: "Prism Central tells no cores",
    check: "vcpus-are-available",
    scene: { world: goodWorld({ hosts: [{ uuid: standInUuid(6, 1), cluster: ELEMENT, memoryMib: 1 }] }) },
    lines: ['- unknown: Prism Central tells no cores of the hosts of "PE-Cluster-01"'],
  },
  {
    title: "the storage container has less room than the disks when full",
    check: "storage-is-available",
    scene: {
      world: goodWorld({
        containers: [
          { ...DEFAULT_CONTAINER, freeBytes: 100 * 2 ** 30 },
          {
            uuid: standInUuid(7, 2),
            name: "NutanixManagementShare",
            cluster: ELEMENT,
            isInternal: true,
            freeBytes: 2 ** 50,
          },
        ],
      }),
    },
    lines: [
      '- unknown: 9 machines of demo, edge ask for 360 GiB of disks and an update for 160 GiB of disks on top; the freest storage container of "PE-Cluster-01" has 100 GiB free: disks take what is written to them, and so may fit for a while; make room before they fill',
    ],
  },
  {
    title: "the storage container is full",
    check: "storage-is-available",
    scene: { ...demoOnly, world: goodWorld({ containers: [{ ...DEFAULT_CONTAINER, freeBytes: 0 }] }) },
    lines: [
      '- fail: 4 machines of demo ask for 160 GiB of disks and an update for 80 GiB of disks on top; the freest storage container of "PE-Cluster-01" has 0 GiB free; make room in it: not even what machines write first fits',
    ],
  },
  {
    title: "the storage container of data disks is full, and others are not",
    check: "storage-is-available",
    scene: {
      ...hosted((demo) => {
        const storageContainer = { type: "name", name: "fast" };
        const storageConfig = { diskMode: "Flash", storageContainer };
        demo.workerPools.gpu.dataDisks = [{ diskSize: "100Gi", storageConfig }];
      }),
      world: goodWorld({
        containers: [DEFAULT_CONTAINER, { uuid: standInUuid(7, 2), name: "fast", cluster: ELEMENT, freeBytes: 0 }],
      }),
    },
    lines: [
      '- fail: disks in fast hold 200 GiB when full, and an update\'s 100 GiB; the storage container "fast" has 0 GiB free; make room in it: not even what machines write first fits',
      '- pass: 4 machines of demo ask for 360 GiB of disks and an update for 180 GiB of disks on top; the freest storage container of "PE-Cluster-01" has 2048 GiB free',
    ],
  },
  {
    title: "no storage container was measured",
    check: "storage-is-available",
    scene: {
      ...demoOnly,
      world: goodWorld({ containers: [{ uuid: standInUuid(7, 1), name: "default-container", cluster: ELEMENT }] }),
    },
    lines: [
      '- unknown: Prism Central tells no free bytes of the freest storage container of "PE-Cluster-01"; look there under Storage',
    ],
  },
  {
    title: "storage containers may be listed and not measured",
    check: "storage-is-available",
    scene: { ...demoOnly, standIn: { faults: [{ on: /stats\/storage-containers/, status: 403 }] } },
    lines: ["- unknown: the user may not read storage containers (403); see prism-central-reads-are-permitted"],
  },
  {
    title: "Prism Central tells no hosts",
    check: "memory-is-available",
    scene: { world: goodWorld({ hosts: [] }) },
    lines: ['- unknown: Prism Central tells no hosts of "PE-Cluster-01"'],
  },
  {
    title: "the endpoint is in another network",
    check: "endpoint-is-in-node-subnet",
    scene: standalone((edge) => (edge.nutanix.controlPlaneEndpoint.host = "10.1.2.201")),
    lines: [
      'edge fail: 10.1.2.201 is not in 10.1.1.0/24, the network of "VM-Network", whose machines are to hold it; take a free address of that network, outside its pools',
    ],
  },
  {
    title: "Prism Central does not manage the node subnet's addresses",
    check: "endpoint-is-in-node-subnet",
    scene: standalone((edge) => (edge.machineDefaults.subnets = [{ type: "name", name: "Storage-Network" }])),
    lines: [
      'edge unknown: Prism Central does not manage the addresses of "Storage-Network"; compare with the network\'s owner',
    ],
  },
  {
    title: "the endpoint is in a pool",
    check: "endpoint-is-outside-subnet-ip-pools",
    scene: hosted((demo) => (demo.nutanix.controlPlaneEndpoint.host = "10.1.1.99")),
    lines: [
      'demo fail: 10.1.1.99 is in the pool 10.1.1.20 to 10.1.1.99 of "VM-Network"; take an address outside the pools, or make the pool smaller',
    ],
  },
  {
    title: "the endpoint is the gateway",
    check: "endpoint-is-outside-subnet-ip-pools",
    scene: hosted((demo) => (demo.nutanix.controlPlaneEndpoint.host = "10.1.1.1")),
    lines: ['demo fail: 10.1.1.1 is the gateway of "VM-Network"; take another address'],
  },
  {
    title: "the endpoint is the DHCP server",
    check: "endpoint-is-outside-subnet-ip-pools",
    scene: hosted((demo) => (demo.nutanix.controlPlaneEndpoint.host = "10.1.1.2")),
    lines: ['demo fail: 10.1.1.2 is the DHCP server of "VM-Network"; take another address'],
  },
  {
    title: "a machine has the endpoint's address",
    check: "endpoint-is-not-a-vm-address",
    scene: { ...demoOnly, world: goodWorld({ machines: [machine("dns-01", ["192.0.2.200"])] }) },
    lines: [
      'demo fail: the virtual machine "dns-01" (00000005-0000-4000-8000-000000000002) has the address 192.0.2.200; take another address, or remove that machine',
    ],
  },
  {
    title: "a machine has it, and the management cluster is out of reach",
    check: "endpoint-is-not-a-vm-address",
    scene: {
      ...demoOnly,
      world: goodWorld({ machines: [machine("dns-01", ["192.0.2.200"])] }),
      existing: new Inconclusive("the management cluster does not answer"),
    },
    lines: [
      'demo unknown: the virtual machine "dns-01" (00000005-0000-4000-8000-000000000002) has the address 192.0.2.200, and whether it is the cluster\'s is not known; take another address, or remove that machine',
    ],
  },
  {
    title: "a control plane machine of its name is there",
    check: "vm-names-are-available",
    scene: { ...edgeOnly, world: goodWorld({ machines: [machine("edge-standalone-cp-0")] }) },
    lines: [
      'edge fail: a virtual machine is named as those of edge would be: "edge-standalone-cp-0" (00000005-0000-4000-8000-000000000002); name the cluster otherwise, or remove them: CAPX would take them for its own, and delete them with the cluster',
    ],
  },
  {
    title: "a worker of its name is there",
    check: "vm-names-are-available",
    scene: { ...demoOnly, world: goodWorld({ machines: [machine("demo-gpu-x7k2p-9fj4d")] }) },
    lines: [
      'demo fail: a virtual machine is named as those of demo would be: "demo-gpu-x7k2p-9fj4d" (00000005-0000-4000-8000-000000000002); name the cluster otherwise, or remove them: CAPX would take them for its own, and delete them with the cluster',
    ],
  },
  {
    title: "it is the cluster's own worker",
    check: "vm-names-are-available",
    scene: { ...demoOnly, world: goodWorld({ machines: [machine("demo-md-x7k2p-9fj4d")] }), existing: ["demo"] },
    lines: ["demo pass: the cluster exists: machines of its name are its own"],
  },
  {
    title: "a worker's name only begins like its own",
    check: "vm-names-are-available",
    scene: { ...demoOnly, world: goodWorld({ machines: [machine("demo-md-md-x7k2p-9fj4d")] }) },
    lines: ["demo pass: no virtual machine is named as one of demo would be"],
  },
  {
    title: "the category of its name is there",
    check: "category-value-is-available",
    scene: { ...demoOnly, world: goodWorld({ categories: [{ key: "KubernetesClusterName", value: "demo" }] }) },
    lines: [
      "demo fail: the category KubernetesClusterName:demo exists, so another cluster has this name on this Prism Central, or had it; name the cluster otherwise, or delete the category where nothing carries it",
    ],
  },
  {
    title: "pods are given the machines' network",
    check: "cluster-networks-do-not-overlap-subnets",
    scene: hosted((demo) => (demo.clusterNetwork = { pods: { cidrBlocks: ["10.0.0.0/9"] } })),
    lines: [
      'demo fail: 10.0.0.0/9, the network of pods, overlaps 10.1.1.0/24, the network of "VM-Network"; move clusterNetwork.pods.cidrBlocks',
    ],
  },
  {
    title: "the trust bundle lacks its CA",
    check: "prism-central-certificate-is-trusted",
    scene: { ...demoOnly, standIn: { certificate: certificate("untrusted") } },
    lines: [
      "- fail: the certificate of prism-central.example.com:9440 is signed by a CA that is neither sent along nor in the trust bundle (UNABLE_TO_VERIFY_LEAF_SIGNATURE); put the CA that signed it into prismCentral.trustBundle, as PEM",
    ],
  },
  {
    title: "its certificate has expired",
    check: "prism-central-certificate-is-trusted",
    scene: { ...demoOnly, standIn: { certificate: certificate("expired") } },
    lines: [
      "- fail: the certificate of prism-central.example.com:9440 has expired (CERT_HAS_EXPIRED); renew Prism Central's certificate",
    ],
  },
  {
    title: "insecure skips the check",
    check: "prism-central-certificate-is-trusted",
    scene: { ...demoOnly, stack: goodStack((stack) => (stack.prismCentral.insecure = true)) },
    lines: [
      "- unknown: prism-central.example.com:9440: insecure: true skips the check; take insecure out, and name its CA in trustBundle",
    ],
  },
  {
    title: "its certificate is for another name",
    check: "prism-central-host-name-matches",
    scene: { ...demoOnly, standIn: { certificate: certificate("wrong-host") } },
    lines: [
      "- fail: the certificate of prism-central.example.com:9440 is for other.example.com, console.example.com, not for prism-central.example.com; write a name that it is for, or give Prism Central a certificate for this one",
    ],
  },
];
