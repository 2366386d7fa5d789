/** Rules about ports. */
import type { ClusterFields } from "./cluster-fields.ts";
import { clustersOf } from "./clusters.ts";
import { prismCentralsOf } from "./prism-centrals.ts";
import { mandatory, type Rule } from "./rule.ts";

/** Ports of control plane machines that k0s, etcd and Kubernetes listen on. */
const MACHINE_PORTS: Readonly<Record<number, string>> = {
  22: "SSH",
  2379: "etcd",
  2380: "etcd",
  6444: "k0s's load balancer",
  7132: "k0s's node-local load balancer",
  7443: "k0s's node-local load balancer",
  8132: "konnectivity",
  8133: "konnectivity",
  9443: "k0s's join API",
  10248: "the kubelet",
  10249: "kube-proxy",
  10250: "the kubelet",
  10256: "kube-proxy",
  10257: "the controller manager",
  10259: "the scheduler",
};
/** Ports of the pods of a hosted control plane. */
const POD_PORTS = [8132, 8133, 9443, 10257, 10259];

/** What else listens on the endpoint's port. */
function portOwner({ standalone, endpoint, config }: ClusterFields): string | undefined {
  const port = endpoint.port.integer ?? 0;
  if (standalone === false) {
    if (config.at("k0smotron", "service", "konnectivityPort").integer === port) return "konnectivity";
    if (!POD_PORTS.includes(port)) return undefined;
  }
  return standalone === undefined ? undefined : MACHINE_PORTS[port];
}

export const portsAreValid: Rule = {
  name: "ports-are-valid",
  category: "endpoint",
  level: mandatory,
  inspects:
    "`controlPlaneEndpoint.port` and `prismCentral.port` of ClusterDeployments and of NutanixClusters, and the port of the global credentials",
  why: "a port outside 1 to 65535 cannot be reached, and the API server does not start on a port that k0s uses itself",
  remedy: "use 6443 for the API server and 9440 for Prism Central, or another port from 1 to 65535",
  example: "clusters.demo.nutanix.controlPlaneEndpoint.port: 65536 is not a valid port; use an integer from 1 to 65535",
  check: (targets) => {
    const clusters = clustersOf(targets);
    const centrals = prismCentralsOf(targets).map(({ port }) => port);
    return [
      ...[...clusters.map(({ endpoint }) => endpoint.port), ...centrals]
        .filter(({ isSet, integer = 0 }) => isSet && (integer < 1 || integer > 65535))
        .map((port) => port.violation("is not a valid port", "use an integer from 1 to 65535")),
      ...clusters.flatMap((cluster) => {
        const owner = portOwner(cluster);
        return owner === undefined ? [] : [cluster.endpoint.port.violation(`is the port of ${owner}`, "use 6443")];
      }),
    ];
  },
};
