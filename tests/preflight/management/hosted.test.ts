import { describeCheck, live } from "./failing-management-checks.ts";

const node = (name: string, more: Record<string, unknown> = {}, cpu = "4") =>
  live(`v1 Node ${name}`, {
    status: {
      allocatable: { cpu, memory: "8000000Ki", pods: "110" },
      conditions: [{ type: "Ready", status: "True" }],
    },
    ...more,
  });
const pod = (name: string, nodeName: string, requests: Record<string, string>, more: Record<string, unknown> = {}) =>
  live(`v1 Pod default/${name}`, { spec: { nodeName, containers: [{ resources: { requests } }] }, ...more });
const PODS = ["v1 Pod"];
const RAISE = "add nodes to the management cluster, or lower controlPlaneNumber";
const demo = (config: object) =>
  live("k0rdent.mirantis.com/v1beta1 ClusterDeployment kcm-system/demo", { spec: { config } });
const onlyStandalone = (settings: Record<string, any>) => {
  delete settings["clusters"].demo;
};

describeCheck("hosted-control-planes-fit", {
  "passes where all replicas fit": {
    kinds: PODS,
    objects: [node("a")],
    says: [": pass: 3 more control plane replicas (1 vCPU, 1 GiB each), and 4 fit on the 1 of 1 nodes that take pods"],
  },
  "fails where requests leave too little": {
    objects: [
      node("a"),
      pod("busy", "a", { cpu: "2500m", memory: "1Gi" }),
      pod("done", "a", { cpu: "4" }, { status: { phase: "Succeeded" } }),
    ],
    says: [
      `: fail: 3 more control plane replicas (1 vCPU, 1 GiB each), and 1 fit on the 1 of 1 nodes that take pods; ${RAISE}`,
    ],
  },
  "counts neither nodes that are cordoned, tainted or not ready": {
    kinds: PODS,
    objects: [
      node("a", { spec: { unschedulable: true } }),
      node("b", { spec: { taints: [{ effect: "NoSchedule" }] } }),
      node("c", { status: { allocatable: { cpu: "64", memory: "256Gi" }, conditions: [] } }),
      node("d", { spec: { taints: [{ effect: "PreferNoSchedule" }] } }, "2"),
    ],
    says: [
      `: fail: 3 more control plane replicas (1 vCPU, 1 GiB each), and 2 fit on the 1 of 4 nodes that take pods; ${RAISE}`,
    ],
  },
  "counts a control plane that runs, though it asks for nothing": {
    objects: [
      node("a"),
      pod("kmc-other-0", "a", {}, { metadata: { name: "kmc-other-0", labels: { app: "k0smotron" } } }),
      pod("kmc-other-1", "a", {}, { metadata: { name: "kmc-other-1", labels: { app: "k0smotron" } } }),
    ],
    says: [
      `: fail: 3 more control plane replicas (1 vCPU, 1 GiB each), and 2 fit on the 1 of 1 nodes that take pods; ${RAISE}`,
    ],
  },
  "asks only for the replicas that are to come": {
    kinds: PODS,
    objects: [node("a", {}, "1500m"), demo({ controlPlaneNumber: 2 })],
    says: [": pass: 1 more control plane replicas (1 vCPU, 1 GiB each), and 1 fit on the 1 of 1 nodes that take pods"],
  },
  "passes where every control plane is there": {
    objects: [demo({ controlPlaneNumber: 3 })],
    says: [": pass: every hosted control plane is there"],
  },
  "asks nothing where no control plane is hosted": { stack: onlyStandalone, says: [] },
});

const storageClass = (name: string, isDefault: boolean) =>
  live(`storage.k8s.io/v1 StorageClass ${name}`, {
    metadata: {
      name,
      annotations: { "storageclass.kubernetes.io/is-default-class": String(isDefault) },
    },
  });
const ANNOTATE = 'annotate one with storageclass.kubernetes.io/is-default-class: "true"';

describeCheck("hosted-control-planes-have-storage", {
  "passes where one is the default": {
    objects: [storageClass("slow", false), storageClass("fast", true)],
    says: [": pass: the default StorageClass is fast"],
  },
  "fails where none is the default": {
    objects: [storageClass("slow", false)],
    says: [`: fail: no StorageClass is the default among slow: the volumes of etcd would wait for ever; ${ANNOTATE}`],
  },
  "fails where there is none": {
    says: [`: fail: no StorageClass is the default: the volumes of etcd would wait for ever; ${ANNOTATE}`],
  },
  "asks nothing where no control plane is hosted": { stack: onlyStandalone, says: [] },
});

const metal = (name: string, addresses: string[], more: object = {}) =>
  live(`metallb.io/v1beta1 IPAddressPool metallb-system/${name}`, { spec: { addresses, ...more } });
const advertised = (spec: Record<string, unknown> = {}) =>
  live("metallb.io/v1beta1 L2Advertisement metallb-system/all", { spec });
const service = (place: string, ip: string) =>
  live(`v1 Service ${place}`, { spec: { type: "LoadBalancer" }, status: { loadBalancer: { ingress: [{ ip }] } } });
const OPEN = "open that pool to kcm-system, or take an address of another";

describeCheck("load-balancer-serves-endpoint", {
  "passes where a pool of MetalLB holds the endpoint": {
    objects: [metal("first", ["10.1.1.0/28"]), metal("second", ["10.1.1.150 - 10.1.1.220"]), advertised()],
    says: [" [demo]: pass: 10.1.1.200 is in IPAddressPool metallb-system/second"],
  },
  "fails where no pool holds it": {
    objects: [metal("first", ["10.1.1.0/28"]), advertised()],
    says: [
      " [demo]: fail: no pool holds 10.1.1.200: IPAddressPool metallb-system/first (10.1.1.0/28); add the address to a pool, or take one of a pool",
    ],
  },
  "fails where nothing announces the pool": {
    objects: [metal("first", ["10.1.1.0/24"]), advertised({ ipAddressPools: ["second"] })],
    says: [
      ` [demo]: fail: 10.1.1.200 is in IPAddressPool metallb-system/first, but no L2Advertisement and no BGPAdvertisement names it; ${OPEN}`,
    ],
  },
  "fails where the pool serves other namespaces": {
    objects: [
      metal("first", ["10.1.1.0/24"], { serviceAllocation: { namespaces: ["web", "mail"] } }),
      advertised({ ipAddressPools: ["first"] }),
    ],
    says: [
      ` [demo]: fail: 10.1.1.200 is in IPAddressPool metallb-system/first, but it serves only the namespaces web, mail; ${OPEN}`,
    ],
  },
  "passes where a pool of Cilium holds it": {
    objects: [
      live("cilium.io/v2alpha1 CiliumLoadBalancerIPPool blue", {
        spec: { blocks: [{ cidr: "10.9.0.0/24" }, { start: "10.1.1.200" }] },
      }),
    ],
    says: [" [demo]: pass: 10.1.1.200 is in CiliumLoadBalancerIPPool blue"],
  },
  "fails where the pool is disabled": {
    objects: [
      live("cilium.io/v2 CiliumLoadBalancerIPPool blue", {
        spec: { disabled: true, blocks: [{ start: "10.1.1.190", stop: "10.1.1.210" }] },
      }),
    ],
    says: [` [demo]: fail: 10.1.1.200 is in CiliumLoadBalancerIPPool blue, but it is disabled; ${OPEN}`],
  },
  "fails where another Service has the address": {
    objects: [
      service("web/shop", "10.1.1.200"),
      service("kcm-system/kmc-demo-lb", "10.1.1.200"),
      metal("first", ["10.1.1.0/24"]),
      advertised(),
    ],
    says: [" [demo]: fail: 10.1.1.200 is the address of Service web/shop; take another address for the endpoint"],
  },
  "passes where the cluster's own Service has it": {
    objects: [service("kcm-system/kmc-demo-lb", "10.1.1.200"), metal("first", ["10.1.1.0/24"]), advertised()],
    says: [" [demo]: pass: 10.1.1.200 is in IPAddressPool metallb-system/first"],
  },
  "passes on kube-vip, which takes what it is asked for": {
    objects: [
      live("apps/v1 DaemonSet kube-system/kube-vip", {
        spec: {
          template: {
            spec: {
              containers: [{ image: "ghcr.io/kube-vip/kube-vip:v0.9.2", env: [{ name: "svc_enable", value: "true" }] }],
            },
          },
        },
      }),
    ],
    says: [" [demo]: pass: kube-vip (kube-system/kube-vip) takes the address it is asked for"],
  },
  "does not know what a cloud's balancer takes": {
    objects: [live("v1 Node a", { spec: { providerID: "aws:///eu-central-1a/i-0123" } })],
    says: [
      " [demo]: not known: the nodes are of the cloud aws: whether its balancer takes 10.1.1.200 cannot be asked; reserve the address there, and name what it needs in values.k0smotron.service.annotations",
    ],
  },
  "does not know where there is nothing that it knows": {
    says: [
      " [demo]: not known: neither MetalLB, Cilium, kube-vip nor a cloud is seen here that would give 10.1.1.200 to a Service; install one of them, unless the management cluster has another balancer that does",
    ],
  },
  "does not know for an endpoint that is a name": {
    stack: (settings) => {
      settings["clusters"].demo.nutanix.controlPlaneEndpoint.host = "demo.example.com";
    },
    says: [
      " [demo]: not known: the endpoint demo.example.com is a name, and only an address can be asked of a balancer; write the address, or name the balancer's own way in values.k0smotron.service.annotations",
    ],
  },
});

const deployment = (place: string, config: object) =>
  live(`k0rdent.mirantis.com/v1beta1 ClusterDeployment ${place}`, { spec: { config } });
const uuid = (last: number) => ({ type: "uuid", uuid: `550e8400-e29b-41d4-a716-44665544000${last}` });
const router = (virtualRouterID: number, subnet: object, address = "prism-central.example.com") => ({
  nutanix: { prismCentral: { address } },
  loadBalancing: { type: "cplb", virtualRouterID },
  machineDefaults: { subnets: [subnet] },
});
const CHANGE = "set loadBalancing.virtualRouterID to a number from 1 to 255 that is unique in that subnet";
const FREE =
  ' [edge]: pass: no ClusterDeployment of this management cluster uses 201 on the subnet "550e8400-e29b-41d4-a716-446655440002"; other balancers cannot be asked';

describeCheck("virtual-router-id-is-free", {
  "passes where nobody has it": { says: [FREE] },
  "passes beside other numbers, other subnets, other Prism Centrals, and itself": {
    objects: [
      deployment("kcm-system/edge", router(201, uuid(2))),
      deployment("kcm-system/a", router(202, uuid(2))),
      deployment("kcm-system/b", router(201, uuid(3))),
      deployment("kcm-system/c", router(201, uuid(2), "pc-2.example.com")),
      deployment("kcm-system/d", { loadBalancing: { type: "kube-vip" } }),
    ],
    says: [FREE],
  },
  "fails where a ClusterDeployment of any namespace has it on that subnet": {
    objects: [deployment("team-a/edge", router(201, uuid(2)))],
    says: [
      ` [edge]: fail: 201 is the one of ClusterDeployment team-a/edge too, on the subnet "550e8400-e29b-41d4-a716-446655440002"; ${CHANGE}`,
    ],
  },
  "fails where the control plane's own subnet is the same": {
    objects: [deployment("team-a/far", { ...router(201, uuid(9)), controlPlane: { subnets: [uuid(2), uuid(9)] } })],
    says: [
      ` [edge]: fail: 201 is the one of ClusterDeployment team-a/far too, on the subnet "550e8400-e29b-41d4-a716-446655440002"; ${CHANGE}`,
    ],
  },
  "fails where a failure domain of the other is on that subnet": {
    objects: [
      deployment("team-a/spread", {
        ...router(201, uuid(9)),
        failureDomains: { a: { subnets: [uuid(8)] }, b: { subnets: [uuid(2)] } },
        controlPlane: { failureDomains: ["a", "b"] },
      }),
    ],
    says: [
      ` [edge]: fail: 201 is the one of ClusterDeployment team-a/spread too, on the subnet "550e8400-e29b-41d4-a716-446655440002"; ${CHANGE}`,
    ],
  },
  "does not know where one names its subnet by name and the other by UUID": {
    objects: [deployment("team-a/other", router(201, { type: "name", name: "VM-Network" }))],
    says: [
      ` [edge]: not known: 201 is the one of ClusterDeployment team-a/other too, which names its subnet in another way than "550e8400-e29b-41d4-a716-446655440002"; name both by UUID, or ${CHANGE}`,
    ],
  },
  "asks nothing where k0s's balancer is not used": {
    stack: (settings) => {
      settings["clusters"].edge.loadBalancing = { type: "external" };
    },
    says: [],
  },
});
