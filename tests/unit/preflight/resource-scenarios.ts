/** Checks of resources, endpoints and names, with one change to the valid scenario. */
import { Inconclusive } from "../../../preflight/check.ts";
import { type StandInContainer, standInUuid } from "../../../sandbox/prism-central/stand-in-state.ts";
import type { Scenarios } from "./check-context.ts";
import {
  both,
  DEMO,
  demo,
  ELEMENT,
  edge,
  hosted,
  type PrismCentralScenario,
  standalone,
  validState,
} from "./prism-central-scenario.ts";

const state = validState();
const OTHER = standInUuid(1, 2);
const [CONTAINER] = state.containers as [StandInContainer];
const host = (memoryMib: number, cores?: number) => ({
  hosts: [{ uuid: standInUuid(6, 1), cluster: ELEMENT, memoryMib, ...(cores === undefined ? {} : { cores }) }],
});
const machine = (name: string, addresses: string[] = []) => ({
  machines: [{ uuid: standInUuid(5, 2), name, cluster: ELEMENT, memoryMib: 4096, addresses }],
});

export const RESOURCE_SCENARIOS: Readonly<Record<string, Scenarios<PrismCentralScenario>>> = {
  "gpus-are-free": {
    "too few GPUs are free": [
      demo({ gpus: state.gpus.map((gpu, index) => ({ ...gpu, inUse: index > 1 })) }),
      ' [demo]: fail: "PE-Cluster-01" has 2 of 4 GPUs "Tesla T4" free; 3 needed, with one for updates; free some, or reduce the workers',
    ],
    "no such GPU": [
      hosted((demo) => (demo.workerPools.gpu.gpus = [{ type: "deviceID", deviceID: 42 }])),
      ' [demo]: fail: "PE-Cluster-01" has no GPU with the ID 42; set the name or ID that Prism Central shows',
    ],
  },
  "storage-container-exists": {
    "the storage container on another Prism Element": [
      demo({ containers: state.containers.map((container) => ({ ...container, cluster: OTHER })) }),
      ' [demo]: fail: no storage container "default-container" exists on "PE-Cluster-01"; create it: there is no storage container',
    ],
  },
  "subnet-addresses-are-free": {
    "the pools have too few addresses": [
      edge({
        subnets: state.subnets.map((subnet) => ({
          ...subnet,
          pools: [{ from: "10.1.1.20", to: "10.1.1.24", free: 5 }],
        })),
      }),
      ' [edge]: fail: the pools of "VM-Network" have 5 free addresses for 6; extend a pool of the subnet',
    ],
  },
  "memory-is-available": {
    "the hosts have too little memory": [
      both(host(65536 + 32768)),
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
    "no hosts reported": [both({ hosts: [] }), ': inconclusive: Prism Central reports no hosts of "PE-Cluster-01"'],
  },
  "vcpus-are-available": {
    "overcommitted cores": [
      both(host(1, 20)),
      ': inconclusive: 9 machines of demo, edge need 18 vCPUs, and 8 vCPUs more for an update; "PE-Cluster-01" has 20 cores for 24 running vCPUs: 2.5 vCPUs per core, which depends on their load; compare with the overcommitment that you allow, and with CPU ready time in Prism Central',
    ],
    "a machine with more vCPUs than the threads of any host": [
      hosted((demo) => (demo.workerPools.gpu.vcpuSockets = 65)),
      ': fail: a machine needs 65 vCPUs, and no host of "PE-Cluster-01" has more than 64 threads; reduce the vCPUs of the machine',
    ],
    "no cores reported": [
      both(host(1)),
      ': inconclusive: Prism Central reports no cores of the hosts of "PE-Cluster-01"',
    ],
  },
  "storage-is-available": {
    "less space than the disks at full size": [
      both({
        containers: [
          { ...CONTAINER, freeBytes: 100 * 2 ** 30 },
          {
            uuid: standInUuid(7, 2),
            name: "NutanixManagementShare",
            cluster: ELEMENT,
            isInternal: true,
            freeBytes: 2 ** 50,
          },
        ],
      }),
      ': inconclusive: 9 machines of demo, edge need 360 GiB of disks, and 160 GiB of disks more for an update; the emptiest storage container of "PE-Cluster-01" has 100 GiB free: thin disks fit until they are written; free some space before they fill up',
    ],
    "the storage container is full": [
      demo({ containers: [{ ...CONTAINER, freeBytes: 0 }] }),
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
          containers: [CONTAINER, { uuid: standInUuid(7, 2), name: "fast", cluster: ELEMENT, freeBytes: 0 }],
        }),
      },
      ': fail: disks in fast need 200 GiB, and 100 GiB more for an update; the storage container "fast" has 0 GiB free; free some space: not even the first writes of a machine fit',
      ': pass: 4 machines of demo need 360 GiB of disks, and 180 GiB of disks more for an update; the emptiest storage container of "PE-Cluster-01" has 2048 GiB free',
    ],
    "no storage container measured": [
      demo({ containers: [{ uuid: standInUuid(7, 1), name: "default-container", cluster: ELEMENT }] }),
      ': inconclusive: Prism Central reports no free bytes of the emptiest storage container of "PE-Cluster-01"; check it in Prism Central under Storage',
    ],
    "storage containers that may be listed and not measured": [
      { ...DEMO, standIn: { faults: [{ on: /stats\/storage-containers/, status: 403 }] } },
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
      ' [edge]: inconclusive: Prism Central does not manage the addresses of "Storage-Network"; check it with the network administrator',
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
      demo(machine("dns-01", ["192.0.2.200"])),
      ' [demo]: fail: the virtual machine "dns-01" (uuid-5-2) has the address 192.0.2.200; set another address, or delete that machine',
    ],
    "a machine with it, and no connection to the management cluster": [
      {
        ...DEMO,
        state: validState(machine("dns-01", ["192.0.2.200"])),
        existing: new Inconclusive("the management cluster does not answer"),
      },
      ' [demo]: inconclusive: the virtual machine "dns-01" (uuid-5-2) has the address 192.0.2.200; whether it is the cluster\'s is unknown; set another address, or delete that machine',
    ],
  },
  "vm-names-are-available": {
    "a control plane machine of its name": [
      edge(machine("edge-standalone-cp-0")),
      ' [edge]: fail: virtual machines have names of edge\'s machines: "edge-standalone-cp-0" (uuid-5-2); rename the cluster, or delete them: CAPX would adopt them, and delete them with the cluster',
    ],
    "a worker of its name": [
      demo(machine("demo-gpu-x7k2p-9fj4d")),
      ' [demo]: fail: virtual machines have names of demo\'s machines: "demo-gpu-x7k2p-9fj4d" (uuid-5-2); rename the cluster, or delete them: CAPX would adopt them, and delete them with the cluster',
    ],
    "the cluster's own worker": [
      { ...DEMO, state: validState(machine("demo-md-x7k2p-9fj4d")), existing: ["demo"] },
      " [demo]: pass: the cluster exists, and machines of its name are its own",
    ],
    "a worker's name with the same beginning": [
      demo(machine("demo-md-md-x7k2p-9fj4d")),
      " [demo]: pass: no virtual machine has a name of demo's machines",
    ],
  },
  "category-value-is-available": {
    "a category of its name": [
      demo({ categories: [{ key: "KubernetesClusterName", value: "demo" }] }),
      " [demo]: fail: the category KubernetesClusterName:demo exists: another cluster on this Prism Central has or had this name; rename the cluster, or delete the category if nothing uses it",
    ],
  },
  "cluster-networks-do-not-overlap-subnets": {
    "pods in the machines' network": [
      hosted((demo) => (demo.clusterNetwork = { pods: { cidrBlocks: ["10.0.0.0/9"] } })),
      ' [demo]: fail: 10.0.0.0/9 of pods overlaps 10.1.1.0/24, the network of "VM-Network"; change clusterNetwork.pods.cidrBlocks',
    ],
  },
};
