/** Each check of Prism Central, with one change to the valid scenario. */
import { Inconclusive } from "../../preflight/check.ts";
import { type StandInContainer, standInUuid } from "../../sandbox/prism-central/stand-in-state.ts";
import type { Scenarios } from "./check-context.ts";
import { ELEMENT, IMAGE, type PrismCentralScenario, prismCentralStack, validState } from "./prism-central-scenario.ts";

const state = validState();
const demoOnly = { clusters: ["demo"] };
const edgeOnly = { clusters: ["edge"] };
const hosted = (change: (demo: any) => void): PrismCentralScenario => ({
  ...demoOnly,
  stack: prismCentralStack(({ clusters }) => change(clusters.demo)),
});
const standalone = (change: (edge: any) => void): PrismCentralScenario => ({
  ...edgeOnly,
  stack: prismCentralStack(({ clusters }) => change(clusters.edge)),
});
const machine = (name: string, addresses: string[] = []) => ({
  uuid: standInUuid(5, 2),
  name,
  cluster: ELEMENT,
  memoryMib: 4096,
  addresses,
});
const OTHER = standInUuid(1, 2);
const [DEFAULT_CONTAINER] = state.containers as [StandInContainer];

export const CHECK_SCENARIOS: Readonly<Record<string, Scenarios<PrismCentralScenario>>> = {
  "prism-central-authentication-succeeds": {
    "the login is unknown": [
      { ...edgeOnly, passwords: { global: 'global "canary\\ 1' } },
      ": pass: prism-central.example.com:9440 accepts credentials.global",
      ": fail: the login credentials.edge is not available on this machine; provide its user name and password",
    ],
  },
  "prism-central-version-is-supported": {
    "Prism Central has no v4 API": [
      { ...demoOnly, state: validState({ version: "2024.1.0.1" }) },
      ": fail: prism-central.example.com:9440 runs 2024.1.0.1, which has no v4 API; CAPX 1.7.0 requires 2024.3 or later; upgrade Prism Central",
    ],
    "CAPX requires a later Prism Central": [
      { ...demoOnly, stack: prismCentralStack((stack) => (stack.capx.version = "1.8.0")) },
      ": fail: prism-central.example.com:9440 runs 2024.3.0.1; CAPX 1.8.0 requires 7.3 or later; upgrade Prism Central, or set an older CAPX in capx.version",
    ],
    "Prism Central is a build without a version number": [
      { ...demoOnly, state: validState({ version: "master" }) },
      ": inconclusive: prism-central.example.com:9440 runs master, a build without a version number; CAPX 1.7.0 requires 2024.3",
    ],
  },
  "prism-central-clock-is-in-sync": {
    "its clock is ahead": [
      { ...demoOnly, standIn: { clockAhead: 600 } },
      ": fail: the clock of prism-central.example.com:9440 is 10 min ahead of this machine's; set the time by NTP on both",
    ],
  },
  "prism-central-reads-are-permitted": {
    "subnets and images may not be read": [
      { ...demoOnly, standIn: { faults: [{ on: /config\/subnets|content\/images/, status: 403 }] } },
      ": fail: prism-central.example.com:9440 does not permit credentials.global to read subnets, images; add to its role: View Subnet, View Image",
    ],
  },
  "prism-central-role-is-sufficient": {
    "the role lacks permissions": [
      {
        ...demoOnly,
        state: validState({
          users: state.users.map((user) => ({
            ...user,
            role: {
              name: "capx-reader",
              permissions: (user.role?.permissions ?? []).filter((one) => !/Create Virtual|Delete Image/.test(one)),
            },
          })),
        }),
      },
      ': fail: credentials.global has "capx-reader" without Delete Image, Create Virtual Machine; add them to the role in Prism Central',
    ],
    "the user is local to Prism Central": [
      { ...demoOnly, state: validState({ users: state.users.map(({ role: _, ...user }) => user) }) },
      ": inconclusive: the user has no access control policy, as users local to Prism Central; compare its role with the permissions in docs/reference/preflight-checks.md",
    ],
    "the user may not read its role": [
      { ...demoOnly, standIn: { faults: [{ on: /\/roles\//, status: 403 }] } },
      ": inconclusive: the user has no permission to read its role (403); add the permission to its role",
    ],
  },
  "prism-element-exists": {
    "no such Prism Element": [
      hosted((demo) => (demo.machineDefaults.cluster.name = "PE-Cluster-10")),
      ' [demo]: fail: no Prism Element "PE-Cluster-10" exists; create it, or use an existing one: "PE-Cluster-01" (00000001-0000-4000-8000-000000000001)',
    ],
    "two Prism Elements with the name": [
      {
        ...demoOnly,
        state: validState({ elements: [...state.elements, { uuid: OTHER, name: "pe-cluster-01" }] }),
      },
      ' [demo]: fail: 2 Prism Elements are named "PE-Cluster-01": 00000001-0000-4000-8000-000000000001, 00000001-0000-4000-8000-000000000002; write {type: uuid, uuid: …} with the UUID of one of them',
    ],
  },
  "prism-element-is-not-prism-central": {
    "Prism Central's own name": [
      hosted((demo) => (demo.machineDefaults.cluster.name = "pc-01")),
      ' [demo]: fail: "pc-01" is Prism Central\'s own entry; set the Prism Element that the machines run on',
    ],
    "Prism Central with the Prism Element's name": [
      {
        ...demoOnly,
        state: validState({
          elements: [...state.elements, { uuid: OTHER, name: "PE-Cluster-01", service: "PRISM_CENTRAL" }],
        }),
      },
      ' [demo]: fail: "PE-Cluster-01" is the name of a Prism Element and of Prism Central\'s own entry; write {type: uuid, uuid: 00000001-0000-4000-8000-000000000001}',
    ],
  },
  "subnets-exist": {
    "no such subnet": [
      hosted((demo) => demo.machineDefaults.subnets.push({ type: "uuid", uuid: standInUuid(2, 7) })),
      ' [demo]: fail: no subnet with the UUID 00000002-0000-4000-8000-000000000007 exists; create it, or use an existing one: "VM-Network" (00000002-0000-4000-8000-000000000001), "Storage-Network" (00000002-0000-4000-8000-000000000002)',
    ],
    "two subnets of one name are on the Prism Element": [
      {
        ...demoOnly,
        state: validState({
          subnets: [...state.subnets, { uuid: standInUuid(2, 3), name: "VM-Network", cluster: ELEMENT }],
        }),
      },
      ' [demo]: fail: 2 subnets are named "VM-Network": 00000002-0000-4000-8000-000000000001, 00000002-0000-4000-8000-000000000003; write {type: uuid, uuid: …} with the UUID of one of them',
    ],
  },
  "subnets-reach-the-prism-element": {
    "the subnet is on another Prism Element": [
      {
        ...demoOnly,
        state: validState({ subnets: state.subnets.map((subnet) => ({ ...subnet, cluster: OTHER })) }),
      },
      ' [demo]: fail: the subnet "VM-Network" (00000002-0000-4000-8000-000000000001) is not on the Prism Element "PE-Cluster-01"; set a subnet of that Prism Element, or the Prism Element of that subnet',
    ],
  },
  "image-exists": {
    "no such image": [
      hosted((demo) => (demo.machineDefaults.image.name = "ubuntu-22.04")),
      ' [demo]: fail: no image "ubuntu-22.04" exists; create it, or use an existing one: "ubuntu-22.04-k0s" (00000003-0000-4000-8000-000000000001)',
    ],
    "three images have the name": [
      {
        ...demoOnly,
        state: validState({
          images: [1, 2, 3].map((index) => ({ uuid: standInUuid(3, index), name: "ubuntu-22.04-k0s", bytes: 1 })),
        }),
      },
      ' [demo]: fail: 3 images are named "ubuntu-22.04-k0s": 00000003-0000-4000-8000-000000000001, 00000003-0000-4000-8000-000000000002, 00000003-0000-4000-8000-000000000003; write {type: uuid, uuid: …} with the UUID of one of them',
    ],
    "no image matches the lookup": [
      hosted((demo) => {
        delete demo.machineDefaults.image;
        demo.machineDefaults.imageLookup = { baseOS: "ubuntu-22.04" };
      }),
      " [demo]: fail: no image matches capx-ubuntu-22.04-1.32.6-*; upload one that matches, or change imageLookup, which is a regular expression",
    ],
  },
  "image-is-not-being-deleted": {
    "the image is being deleted": [
      {
        ...demoOnly,
        state: validState({ images: state.images.map((image) => ({ ...image, isBeingDeleted: true })) }),
      },
      ' [demo]: fail: the image "ubuntu-22.04-k0s" (00000003-0000-4000-8000-000000000001) is being deleted; set another, or upload it again',
    ],
  },
  "image-fits-the-disk": {
    "the image is larger than the disk": [
      {
        ...standalone((edge) => (edge.controlPlane = { systemDiskSize: "80Gi" })),
        state: validState({ images: [{ uuid: IMAGE, name: "ubuntu-22.04-k0s", bytes: 40 * 2 ** 30 + 1 }] }),
      },
      ' [edge]: fail: the image "ubuntu-22.04-k0s" has 40.1 GiB, its disk 40Gi; set clusters.edge.worker.systemDiskSize to 41Gi or more',
    ],
  },
  "project-exists": {
    "no such project": [
      hosted((demo) => (demo.machineDefaults.project = "k8s-project")),
      ' [demo]: fail: no project "k8s-project" exists; create it, or use an existing one: "k0s-project" (00000004-0000-4000-8000-000000000001)',
    ],
  },
  "categories-exist": {
    "no such category": [
      hosted((demo) => demo.machineDefaults.additionalCategories.push({ key: "environment", value: "prod" })),
      " [demo]: fail: no category environment:prod exists; create it in Prism Central: CAPX assigns categories, and creates none",
    ],
  },
  "gpus-are-free": {
    "too few GPUs are free": [
      {
        ...demoOnly,
        state: validState({ gpus: state.gpus.map((gpu, index) => ({ ...gpu, inUse: index > 1 })) }),
      },
      ' [demo]: fail: "PE-Cluster-01" has 2 of 4 GPUs "Tesla T4" free; 3 needed, with one for updates; free some, or reduce the workers',
    ],
    "no such GPU": [
      hosted((demo) => (demo.workerPools.gpu.gpus = [{ type: "deviceID", deviceID: 42 }])),
      ' [demo]: fail: "PE-Cluster-01" has no GPU with the ID 42; set the name or ID that Prism Central shows',
    ],
  },
  "storage-container-exists": {
    "the storage container on another Prism Element": [
      {
        ...demoOnly,
        state: validState({ containers: state.containers.map((container) => ({ ...container, cluster: OTHER })) }),
      },
      ' [demo]: fail: no storage container "default-container" exists on "PE-Cluster-01"; create it: there is no storage container',
    ],
  },
  "subnet-addresses-are-free": {
    "the pools have too few addresses": [
      {
        ...edgeOnly,
        state: validState({
          subnets: state.subnets.map((subnet) => ({
            ...subnet,
            pools: [{ from: "10.1.1.20", to: "10.1.1.24", free: 5 }],
          })),
        }),
      },
      ' [edge]: fail: the pools of "VM-Network" have 5 free addresses for 6; extend a pool of the subnet',
    ],
  },
  "memory-is-available": {
    "the hosts have too little memory": [
      { state: validState({ hosts: [{ uuid: standInUuid(6, 1), cluster: ELEMENT, memoryMib: 65536 + 32768 }] }) },
      ': fail: 9 machines of demo, edge need 36 GiB, and 16 GiB more for an update; "PE-Cluster-01" has 32 GiB of 96 GiB free; reduce the machines, or add hosts; controller VMs and reserves need memory too',
    ],
    "existing clusters, of which only an update needs memory": [
      { existing: ["demo", "edge"] },
      ': pass: an update of demo, edge needs 16 GiB more; "PE-Cluster-01" has 320 GiB of 384 GiB free',
    ],
    "a control plane spread over failure domains, of which one machine is replaced at a time": [
      {
        ...standalone((edge) => {
          const subnets = [{ type: "name", name: "VM-Network" }];
          const cluster = { type: "name", name: "PE-Cluster-01" };
          edge.failureDomains = Object.fromEntries(["a", "b", "c"].map((name) => [name, { cluster, subnets }]));
          edge.controlPlane = { failureDomains: ["a", "b", "c"], memorySize: "8Gi" };
        }),
      },
      ': pass: 5 machines of edge need 32 GiB, and 12 GiB more for an update; "PE-Cluster-01" has 320 GiB of 384 GiB free',
    ],
    "no hosts reported": [
      { state: validState({ hosts: [] }) },
      ': inconclusive: Prism Central reports no hosts of "PE-Cluster-01"',
    ],
  },
  "vcpus-are-available": {
    "overcommitted cores": [
      { state: validState({ hosts: [{ uuid: standInUuid(6, 1), cluster: ELEMENT, memoryMib: 1, cores: 20 }] }) },
      ': inconclusive: 9 machines of demo, edge need 18 vCPUs, and 8 vCPUs more for an update; "PE-Cluster-01" has 20 cores for 24 running vCPUs: 2.5 vCPUs per core, which depends on their load; compare with the overcommitment that you allow, and with CPU ready time in Prism Central',
    ],
    "a machine with more vCPUs than the threads of any host": [
      hosted((demo) => (demo.workerPools.gpu.vcpuSockets = 65)),
      ': fail: a machine needs 65 vCPUs, and no host of "PE-Cluster-01" has more than 64 threads; reduce the vCPUs of the machine',
    ],
    "no cores reported": [
      { state: validState({ hosts: [{ uuid: standInUuid(6, 1), cluster: ELEMENT, memoryMib: 1 }] }) },
      ': inconclusive: Prism Central reports no cores of the hosts of "PE-Cluster-01"',
    ],
  },
  "storage-is-available": {
    "less space than the disks at full size": [
      {
        state: validState({
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
      ': inconclusive: 9 machines of demo, edge need 360 GiB of disks, and 160 GiB of disks more for an update; the emptiest storage container of "PE-Cluster-01" has 100 GiB free: thin disks fit until they are written; free some space before they fill up',
    ],
    "the storage container is full": [
      { ...demoOnly, state: validState({ containers: [{ ...DEFAULT_CONTAINER, freeBytes: 0 }] }) },
      ': fail: 4 machines of demo need 160 GiB of disks, and 80 GiB of disks more for an update; the emptiest storage container of "PE-Cluster-01" has 0 GiB free; free some space: not even the first writes of a machine fit',
    ],
    "a full storage container of data disks beside others": [
      {
        ...hosted((demo) => {
          const storageContainer = { type: "name", name: "fast" };
          const storageConfig = { diskMode: "Flash", storageContainer };
          demo.workerPools.gpu.dataDisks = [{ diskSize: "100Gi", storageConfig }];
        }),
        state: validState({
          containers: [DEFAULT_CONTAINER, { uuid: standInUuid(7, 2), name: "fast", cluster: ELEMENT, freeBytes: 0 }],
        }),
      },
      ': fail: disks in fast need 200 GiB, and 100 GiB more for an update; the storage container "fast" has 0 GiB free; free some space: not even the first writes of a machine fit',
      ': pass: 4 machines of demo need 360 GiB of disks, and 180 GiB of disks more for an update; the emptiest storage container of "PE-Cluster-01" has 2048 GiB free',
    ],
    "no storage container measured": [
      {
        ...demoOnly,
        state: validState({ containers: [{ uuid: standInUuid(7, 1), name: "default-container", cluster: ELEMENT }] }),
      },
      ': inconclusive: Prism Central reports no free bytes of the emptiest storage container of "PE-Cluster-01"; check it in Prism Central under Storage',
    ],
    "storage containers that may be listed and not measured": [
      { ...demoOnly, standIn: { faults: [{ on: /stats\/storage-containers/, status: 403 }] } },
      ": inconclusive: the user has no permission to read storage containers (403); add the permission to its role",
    ],
  },
  "endpoint-is-in-node-subnet": {
    "the endpoint is in another network": [
      standalone((edge) => (edge.nutanix.controlPlaneEndpoint.host = "10.1.2.201")),
      ' [edge]: fail: 10.1.2.201 is not in 10.1.1.0/24, the network of the control plane machines "VM-Network"; set a free address of that network, outside its pools',
    ],
    "Prism Central does not manage the node subnet's addresses": [
      standalone((edge) => (edge.machineDefaults.subnets = [{ type: "name", name: "Storage-Network" }])),
      ' [edge]: inconclusive: Prism Central does not manage the addresses of "Storage-Network"; ask the network\'s owner',
    ],
  },
  "endpoint-is-outside-subnet-ip-pools": {
    "the endpoint is in a pool": [
      hosted((demo) => (demo.nutanix.controlPlaneEndpoint.host = "10.1.1.99")),
      ' [demo]: fail: 10.1.1.99 is in the pool 10.1.1.20 to 10.1.1.99 of "VM-Network"; set an address outside the pools, or shrink the pool',
    ],
    "the endpoint is the gateway": [
      hosted((demo) => (demo.nutanix.controlPlaneEndpoint.host = "10.1.1.1")),
      ' [demo]: fail: 10.1.1.1 is the gateway of "VM-Network"; set another address',
    ],
    "the endpoint is the DHCP server": [
      hosted((demo) => (demo.nutanix.controlPlaneEndpoint.host = "10.1.1.2")),
      ' [demo]: fail: 10.1.1.2 is the DHCP server of "VM-Network"; set another address',
    ],
  },
  "endpoint-is-not-a-vm-address": {
    "a machine with the endpoint's address": [
      { ...demoOnly, state: validState({ machines: [machine("dns-01", ["192.0.2.200"])] }) },
      ' [demo]: fail: the virtual machine "dns-01" (00000005-0000-4000-8000-000000000002) has the address 192.0.2.200; set another address, or delete that machine',
    ],
    "a machine with it, and no connection to the management cluster": [
      {
        ...demoOnly,
        state: validState({ machines: [machine("dns-01", ["192.0.2.200"])] }),
        existing: new Inconclusive("the management cluster does not answer"),
      },
      ' [demo]: inconclusive: the virtual machine "dns-01" (00000005-0000-4000-8000-000000000002) has the address 192.0.2.200; whether it is the cluster\'s is unknown; set another address, or delete that machine',
    ],
  },
  "vm-names-are-available": {
    "a control plane machine of its name": [
      { ...edgeOnly, state: validState({ machines: [machine("edge-standalone-cp-0")] }) },
      ' [edge]: fail: virtual machines have names of edge\'s machines: "edge-standalone-cp-0" (00000005-0000-4000-8000-000000000002); rename the cluster, or delete them: CAPX would adopt them, and delete them with the cluster',
    ],
    "a worker of its name": [
      { ...demoOnly, state: validState({ machines: [machine("demo-gpu-x7k2p-9fj4d")] }) },
      ' [demo]: fail: virtual machines have names of demo\'s machines: "demo-gpu-x7k2p-9fj4d" (00000005-0000-4000-8000-000000000002); rename the cluster, or delete them: CAPX would adopt them, and delete them with the cluster',
    ],
    "the cluster's own worker": [
      { ...demoOnly, state: validState({ machines: [machine("demo-md-x7k2p-9fj4d")] }), existing: ["demo"] },
      " [demo]: pass: the cluster exists, and machines of its name are its own",
    ],
    "a worker's name with the same beginning": [
      { ...demoOnly, state: validState({ machines: [machine("demo-md-md-x7k2p-9fj4d")] }) },
      " [demo]: pass: no virtual machine has a name of demo's machines",
    ],
  },
  "category-value-is-available": {
    "a category of its name": [
      { ...demoOnly, state: validState({ categories: [{ key: "KubernetesClusterName", value: "demo" }] }) },
      " [demo]: fail: the category KubernetesClusterName:demo exists: another cluster on this Prism Central has or had this name; rename the cluster, or delete the category if nothing uses it",
    ],
  },
  "cluster-networks-do-not-overlap-subnets": {
    "pods in the machines' network": [
      hosted((demo) => (demo.clusterNetwork = { pods: { cidrBlocks: ["10.0.0.0/9"] } })),
      ' [demo]: fail: 10.0.0.0/9 of pods overlaps 10.1.1.0/24, the network of "VM-Network"; change clusterNetwork.pods.cidrBlocks',
    ],
  },
  "prism-central-certificate-is-trusted": {
    "insecure: true": [
      { ...demoOnly, stack: prismCentralStack((stack) => (stack.prismCentral.insecure = true)) },
      ": inconclusive: prism-central.example.com:9440: insecure: true disables the check; remove insecure, and add the CA to trustBundle",
    ],
  },
};
