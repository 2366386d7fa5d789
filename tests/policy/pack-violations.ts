/** Each rule broken once, by one changed property of one resource. */
import { pem } from "../stack-fixture.ts";
import type { Sound, Written } from "./pack-fixture.ts";
import type { PolicyWords } from "./pack-server.ts";
import { MORE_WRONG } from "./pack-violations-more.ts";

export interface Wrong {
  readonly rule: string;
  readonly of: keyof Sound;
  /** Where below the resource's inputs. */
  readonly path: readonly string[];
  /** Undefined: the property is missing. */
  readonly value?: unknown;
  /** More that has to be so, for the one change to be wrong. */
  readonly given?: (resources: Sound) => void;
  /** What Pulumi's own configuration says of the policy. */
  readonly words?: PolicyWords;
  /** Whether the fault shows only beside another resource. */
  readonly together?: true;
  readonly message: string;
}

const CONFIG = ["spec", "config"];
const HOST = [...CONFIG, "nutanix", "controlPlaneEndpoint", "host"];
const CENTRAL = [...CONFIG, "nutanix", "prismCentral"];
const EDGE = "ClusterDeployment kcm-system/edge spec.config";
const DEMO = "ClusterDeployment kcm-system/demo spec.config";

/** Makes the hosted cluster a standalone one that differs from the other in everything that must differ but its router. */
function standaloneDemo({ demo, edge }: Sound): void {
  const { config } = demo.props["spec"];
  demo.props["spec"].template = edge.props["spec"].template;
  config.machineDefaults.subnets = edge.props["spec"].config.machineDefaults.subnets;
  config.controlPlaneNumber = 3;
  config.controlPlane = { memorySize: "8Gi" };
  config.loadBalancing = { type: "cplb", virtualRouterID: 200 };
}

export const WRONG: readonly Wrong[] = [
  {
    rule: "prism-central-tls-is-verified",
    of: "demo",
    path: [...CENTRAL, "insecure"],
    value: true,
    message: `${DEMO}.nutanix.prismCentral.insecure: disables verification of Prism Central's certificate; set it to false, and set prismCentral.trustBundle to its CA certificates`,
  },
  {
    rule: "prism-central-address-is-a-host",
    of: "demo",
    path: [...CENTRAL, "address"],
    value: "https://admin:canary@prism-central.example.com:9440",
    message: `${DEMO}.nutanix.prismCentral.address: is not a host alone: CAPX adds scheme and port; set "prism-central.example.com", and set port separately`,
  },
  {
    rule: "trust-bundle-has-ca-crt-key",
    of: "bundle",
    path: ["data", "ca.crt"],
    message:
      "ConfigMap kcm-system/edge-pc-ca: has no key ca.crt, which CAPX reads; add the certificates under that key",
  },
  {
    rule: "trust-bundle-is-valid",
    of: "bundle",
    path: ["data", "ca.crt"],
    value: pem("expired"),
    message: "ConfigMap kcm-system/edge-pc-ca[0]: expired on 2021-01-01; use the certificate that replaced it",
  },
  {
    rule: "endpoint-is-routable",
    of: "demo",
    path: HOST,
    value: "127.0.0.1",
    message: `${DEMO}.nutanix.controlPlaneEndpoint.host: is a loopback address, which machines cannot reach; use a free IPv4 address of the nodes' network, outside every DHCP and IPAM range`,
  },
  {
    rule: "endpoint-is-not-prism-central",
    of: "demo",
    path: HOST,
    value: "prism-central.example.com",
    message: `${DEMO}.nutanix.controlPlaneEndpoint.host: is the address of Prism Central; reserve a dedicated address for the cluster`,
  },
  {
    rule: "endpoint-is-outside-cluster-networks",
    of: "edge",
    path: HOST,
    value: "10.244.0.9",
    message: `${EDGE}.nutanix.controlPlaneEndpoint.host: is inside 10.244.0.0/16, the cluster's pods network; change the endpoint, or clusterNetwork.pods.cidrBlocks`,
  },
  {
    rule: "load-balanced-endpoint-is-an-ip-address",
    of: "edge",
    path: HOST,
    value: "edge.example.com",
    message: `${EDGE}.nutanix.controlPlaneEndpoint.host: is not an IPv4 address, and cplb assigns the endpoint to a machine; use an IPv4 address, or provide a load balancer and set loadBalancing.type: external`,
  },
  {
    rule: "endpoints-are-unique",
    of: "edge",
    path: HOST,
    value: "10.1.1.200",
    together: true,
    message: `${EDGE}.nutanix.controlPlaneEndpoint.host: is the endpoint of ${DEMO} too; reserve an address for each cluster`,
  },
  {
    rule: "router-ids-are-unique",
    of: "edge",
    path: [...CONFIG, "loadBalancing", "virtualRouterID"],
    value: 200,
    given: standaloneDemo,
    together: true,
    message: `${EDGE}.loadBalancing.virtualRouterID: is the one of ${DEMO} too, on the same subnet; set loadBalancing.virtualRouterID to a number from 1 to 255 that is unique in that subnet`,
  },
  {
    rule: "control-plane-count-is-odd",
    of: "edge",
    path: [...CONFIG, "controlPlaneNumber"],
    value: 4,
    message: `${EDGE}.controlPlaneNumber: is an even number of etcd members; set 3 or 5`,
  },
  {
    rule: "production-control-plane-is-redundant",
    of: "edge",
    path: [...CONFIG, "controlPlaneNumber"],
    value: 1,
    message: `${EDGE}.controlPlaneNumber: is too few control plane machines to tolerate the loss of one; set 3 or 5`,
  },
  {
    rule: "machines-meet-capx-minimums",
    of: "edge",
    path: [...CONFIG, "machineDefaults", "memorySize"],
    value: "1Gi",
    message: `${EDGE}.machineDefaults.memorySize: is less than the 2Gi that CAPX needs; set 2Gi or more`,
  },
  {
    rule: "cluster-networks-do-not-overlap",
    of: "edge",
    path: [...CONFIG, "clusterNetwork", "services", "cidrBlocks", "0"],
    value: "10.244.8.0/24",
    message: `${EDGE}.clusterNetwork.services.cidrBlocks.0: overlaps 10.244.0.0/16 of clusterNetwork.pods; use ranges that do not overlap`,
  },
  {
    rule: "k0s-version-is-supported",
    of: "edge",
    path: [...CONFIG, "k0s", "version"],
    value: "v1.31.1+k0s.0",
    message: `${EDGE}.k0s.version: is rejected by k0smotron's webhook for a known bug; use a later patch release`,
  },
  {
    rule: "capx-owned-objects-are-not-shared",
    of: "edge",
    path: [...CENTRAL, "credentialSecretName"],
    value: "demo-capx-credentials",
    together: true,
    message: `${EDGE}.nutanix.prismCentral.credentialSecretName: is referenced by ${DEMO} too, and CAPX deletes it with the first of them; remove it, so that each cluster has its own`,
  },
  {
    rule: "kcm-and-capx-versions-are-compatible",
    of: "kcm",
    path: ["version"],
    value: "1.99.0",
    message:
      "Release kcm-system/kcm inputs.version: is not a supported kcm version; use one of 1.2 to 1.3, 1.4, 1.5 to 1.6, 1.7 to 1.10, 1.11",
  },
  {
    rule: "kcm-and-capx-versions-are-compatible",
    of: "capx",
    path: ["values", "capx", "version"],
    value: "v1.10.3",
    together: true,
    message: "Release kcm-system/nutanix-capx inputs.version: is not compatible with kcm 1.2.0; use CAPX 1.7 or 1.8",
  },
  {
    rule: "kcm-version-is-tested",
    of: "kcm",
    path: ["version"],
    value: "1.4.0",
    message:
      "Release kcm-system/kcm inputs.version: is supported, but not tested with its CRDs; test it on a staging stack first",
  },
  {
    rule: "charts-use-tls",
    of: "kcm",
    path: ["chart"],
    value: "http://charts.example.com/kcm.tgz",
    message: "Release kcm-system/kcm inputs.chart: is fetched without TLS; use oci:// or https://",
  },
  ...MORE_WRONG,
];

/** Puts a value at a path, or takes away what is there. */
export function put({ props }: Written, path: readonly string[], value: unknown): void {
  const below = path.slice(0, -1).reduce((map, key) => map[key], props);
  const last = path.at(-1)!;
  if (value === undefined) delete below[last];
  else below[last] = value;
}
