import pulumi from "@pulumi/pulumi";
import { add, NOTHING } from "../../manifests/cluster-capacity.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import type { NutanixK0sCluster } from "../nutanix-k0s-cluster.ts";

/** The outputs of a stack: each cluster by name, and the capacity that all of them need. */
export function stackOutputs(clusters: Readonly<Record<string, NutanixK0sCluster>>): Record<string, unknown> {
  return {
    clusters: Object.fromEntries(
      Object.entries(clusters).map(([name, cluster]) => [name, clusterOutputs(name, cluster)]),
    ),
    kubeconfigs: pulumi.secret(
      Object.fromEntries(Object.entries(clusters).map(([name, { kubeconfig }]) => [name, kubeconfig])),
    ),
    capacity: Object.values(clusters).reduce((total, cluster) => add(total, cluster.capacity), NOTHING),
  };
}

function clusterOutputs(name: string, cluster: NutanixK0sCluster) {
  const { clusterName, namespace, mode, endpoint, ready, capacity } = cluster;
  return {
    name: clusterName,
    namespace,
    mode,
    endpoint,
    ready,
    capacity,
    commands: {
      watch: `kubectl get clusterdeployment ${name} -n ${NAMESPACE} --watch`,
      machines: `kubectl get machines -n ${NAMESPACE} -l cluster.x-k8s.io/cluster-name=${name}`,
      kubeconfig: `pulumi stack output kubeconfigs --show-secrets --json --stack ${pulumi.getStack()}`,
    },
  };
}
