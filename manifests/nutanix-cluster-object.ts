import { at, integer, text } from "../policy/rules/plain-values.ts";
import { CLUSTER_LABEL, type Manifest } from "./manifest.ts";
import { NAMESPACE } from "./names.ts";

export interface NutanixClusterNames {
  /** Name of the Cluster. */
  readonly cluster: string;
  /** Name of the NutanixCluster that the Cluster references. */
  readonly name: string;
}

/**
 * A NutanixCluster as the chart renders it from `ClusterDeployment.spec.config`, without the failure domains of the control plane, which
 * only place new machines.
 */
export function nutanixCluster({ cluster, name }: NutanixClusterNames, config: unknown): Manifest {
  const { controlPlaneEndpoint, prismCentral } = (at(config, "nutanix") ?? {}) as Record<string, unknown>;
  const bundle = text(at(prismCentral, "additionalTrustBundleConfigMapName"));
  const reference = (kind: string, referenced: unknown) => ({ kind, name: referenced, namespace: NAMESPACE });
  const own = {
    address: at(prismCentral, "address"),
    port: integer(at(prismCentral, "port")) ?? 9440,
    insecure: at(prismCentral, "insecure") === true,
    credentialRef: reference("Secret", at(prismCentral, "credentialSecretName")),
    ...(bundle === undefined ? {} : { additionalTrustBundle: reference("ConfigMap", bundle) }),
  };
  return {
    apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1",
    kind: "NutanixCluster",
    metadata: { name, namespace: NAMESPACE, labels: { [CLUSTER_LABEL]: cluster } },
    spec: {
      controlPlaneEndpoint: {
        host: at(controlPlaneEndpoint, "host"),
        port: integer(at(controlPlaneEndpoint, "port")) ?? 6443,
      },
      ...(at(prismCentral, "usePerClusterCredential") === true ? { prismCentral: own } : {}),
    },
  };
}
