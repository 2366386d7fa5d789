import { describeCheck, live } from "./management-scenario.ts";

const metal = (name: string, addresses: string[], more: object = {}) =>
  live(`metallb.io/v1beta1 IPAddressPool metallb-system/${name}`, { spec: { addresses, ...more } });
const advertised = (spec: Record<string, unknown> = {}) =>
  live("metallb.io/v1beta1 L2Advertisement metallb-system/all", { spec });
const service = (place: string, ip: string) =>
  live(`v1 Service ${place}`, { spec: { type: "LoadBalancer" }, status: { loadBalancer: { ingress: [{ ip }] } } });

const deployment = (place: string, config: object) =>
  live(`k0rdent.mirantis.com/v1beta1 ClusterDeployment ${place}`, { spec: { config } });
const uuid = (last: number) => ({ type: "uuid", uuid: `550e8400-e29b-41d4-a716-44665544000${last}` });
const router = (virtualRouterID: number, subnet: object, address = "prism-central.example.com") => ({
  nutanix: { prismCentral: { address } },
  loadBalancing: { type: "cplb", virtualRouterID },
  machineDefaults: { subnets: [subnet] },
});

describeCheck("load-balancer-serves-endpoint", {
  "passes where a pool of MetalLB contains the endpoint": [
    { objects: [metal("first", ["10.1.1.0/28"]), metal("second", ["10.1.1.150 - 10.1.1.220"]), advertised()] },
    " [demo]: pass: 10.1.1.200 is in IPAddressPool metallb-system/second",
  ],
  "fails where no pool contains it": [
    { objects: [metal("first", ["10.1.1.0/28"]), advertised()] },
    " [demo]: fail: no pool contains 10.1.1.200: IPAddressPool metallb-system/first (10.1.1.0/28); add the address to a pool, or set one of a pool",
  ],
  "fails where nothing advertises the pool": [
    { objects: [metal("first", ["10.1.1.0/24"]), advertised({ ipAddressPools: ["second"] })] },
    " [demo]: fail: 10.1.1.200 is in IPAddressPool metallb-system/first, but no L2Advertisement or BGPAdvertisement includes it; make that pool available to kcm-system, or set an address of another",
  ],
  "fails where the pool serves other namespaces": [
    {
      objects: [
        metal("first", ["10.1.1.0/24"], { serviceAllocation: { namespaces: ["web", "mail"] } }),
        advertised({ ipAddressPools: ["first"] }),
      ],
    },
    " [demo]: fail: 10.1.1.200 is in IPAddressPool metallb-system/first, but it serves only the namespaces web, mail; make that pool available to kcm-system, or set an address of another",
  ],
  "passes where a pool of Cilium contains it": [
    {
      objects: [
        live("cilium.io/v2alpha1 CiliumLoadBalancerIPPool blue", {
          spec: { blocks: [{ cidr: "10.9.0.0/24" }, { start: "10.1.1.200" }] },
        }),
      ],
    },
    " [demo]: pass: 10.1.1.200 is in CiliumLoadBalancerIPPool blue",
  ],
  "fails where the pool is disabled": [
    {
      objects: [
        live("cilium.io/v2 CiliumLoadBalancerIPPool blue", {
          spec: { disabled: true, blocks: [{ start: "10.1.1.190", stop: "10.1.1.210" }] },
        }),
      ],
    },
    " [demo]: fail: 10.1.1.200 is in CiliumLoadBalancerIPPool blue, but it is disabled; make that pool available to kcm-system, or set an address of another",
  ],
  "fails where another Service has the address": [
    {
      objects: [
        service("web/shop", "10.1.1.200"),
        service("kcm-system/kmc-demo-lb", "10.1.1.200"),
        metal("first", ["10.1.1.0/24"]),
        advertised(),
      ],
    },
    " [demo]: fail: 10.1.1.200 is the address of Service web/shop; set another address for the endpoint",
  ],
  "passes where the cluster's own Service has it": [
    { objects: [service("kcm-system/kmc-demo-lb", "10.1.1.200"), metal("first", ["10.1.1.0/24"]), advertised()] },
    " [demo]: pass: 10.1.1.200 is in IPAddressPool metallb-system/first",
  ],
  "passes with kube-vip": [
    {
      objects: [
        live("apps/v1 DaemonSet kube-system/kube-vip", {
          spec: {
            template: {
              spec: {
                containers: [
                  { image: "ghcr.io/kube-vip/kube-vip:v0.9.2", env: [{ name: "svc_enable", value: "true" }] },
                ],
              },
            },
          },
        }),
      ],
    },
    " [demo]: pass: kube-vip (kube-system/kube-vip) serves any address",
  ],
  "is inconclusive with a cloud's load balancer": [
    { objects: [live("v1 Node a", { spec: { providerID: "aws:///eu-central-1a/i-0123" } })] },
    " [demo]: inconclusive: the nodes run on aws, whose load balancer cannot be checked for 10.1.1.200; reserve the address there, and set what it needs in values.k0smotron.service.annotations",
  ],
  "is inconclusive without a known load balancer": [
    {},
    " [demo]: inconclusive: found neither MetalLB, Cilium, kube-vip nor a cloud to serve 10.1.1.200; install one of them, unless the management cluster has another load balancer",
  ],
  "is inconclusive for an endpoint that is a name": [
    {
      stack: (settings) => {
        settings["clusters"].demo.nutanix.controlPlaneEndpoint.host = "demo.example.com";
      },
    },
    " [demo]: inconclusive: the endpoint demo.example.com is a name, and load balancers are checked by address; set the address, or the load balancer's own settings in values.k0smotron.service.annotations",
  ],
});

describeCheck("virtual-router-id-is-free", {
  "passes where it is unused": [
    {},
    ' [edge]: pass: no ClusterDeployment uses 201 on the subnet "550e8400-e29b-41d4-a716-446655440002"; other load balancers are not checked',
  ],
  "passes beside other numbers, other subnets, other Prism Centrals, and itself": [
    {
      objects: [
        deployment("kcm-system/edge", router(201, uuid(2))),
        deployment("kcm-system/a", router(202, uuid(2))),
        deployment("kcm-system/b", router(201, uuid(3))),
        deployment("kcm-system/c", router(201, uuid(2), "pc-2.example.com")),
        deployment("kcm-system/d", { loadBalancing: { type: "kube-vip" } }),
      ],
    },
    ' [edge]: pass: no ClusterDeployment uses 201 on the subnet "550e8400-e29b-41d4-a716-446655440002"; other load balancers are not checked',
  ],
  "fails where a ClusterDeployment of any namespace has it on that subnet": [
    { objects: [deployment("team-a/edge", router(201, uuid(2)))] },
    ' [edge]: fail: ClusterDeployment team-a/edge uses 201 too on the subnet "550e8400-e29b-41d4-a716-446655440002"; set loadBalancing.virtualRouterID to a number from 1 to 255 that is unique in that subnet',
  ],
  "fails where the control plane's own subnet is the same": [
    { objects: [deployment("team-a/far", { ...router(201, uuid(9)), controlPlane: { subnets: [uuid(2), uuid(9)] } })] },
    ' [edge]: fail: ClusterDeployment team-a/far uses 201 too on the subnet "550e8400-e29b-41d4-a716-446655440002"; set loadBalancing.virtualRouterID to a number from 1 to 255 that is unique in that subnet',
  ],
  "fails where a failure domain of another is on that subnet": [
    {
      objects: [
        deployment("team-a/spread", {
          ...router(201, uuid(9)),
          failureDomains: { a: { subnets: [uuid(8)] }, b: { subnets: [uuid(2)] } },
          controlPlane: { failureDomains: ["a", "b"] },
        }),
      ],
    },
    ' [edge]: fail: ClusterDeployment team-a/spread uses 201 too on the subnet "550e8400-e29b-41d4-a716-446655440002"; set loadBalancing.virtualRouterID to a number from 1 to 255 that is unique in that subnet',
  ],
  "is inconclusive where one has its subnet by name and the other by UUID": [
    { objects: [deployment("team-a/other", router(201, { type: "name", name: "VM-Network" }))] },
    ' [edge]: inconclusive: ClusterDeployment team-a/other uses 201 too; whether its subnet is "550e8400-e29b-41d4-a716-446655440002" is unknown: one has a name, the other a UUID; set both subnets by UUID, or set loadBalancing.virtualRouterID to a number from 1 to 255 that is unique in that subnet',
  ],
  "does not run without k0s's load balancer": [
    {
      stack: (settings) => {
        settings["clusters"].edge.loadBalancing = { type: "external" };
      },
    },
  ],
});
