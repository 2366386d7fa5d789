import type { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import pulumi from "@pulumi/pulumi";
import { errorReason } from "../../kubernetes/errors.ts";
import { clusterNames, NAMESPACE } from "../../manifests/names.ts";
import type { ManagementConnection } from "../management-connection.ts";

export interface KubeconfigSource {
  readonly cluster: string;
  readonly management: ManagementConnection | undefined;
  /** Whether a kubeconfig that is not there is worth a warning. */
  readonly required: boolean;
}

/**
 * The kubeconfig that the control plane has written, as a secret: read in up, after the ClusterDeployment; unknown in a
 * preview, which may be out of the cluster's reach; empty while there is none.
 */
export function readKubeconfig(deployment: CustomResource, source: KubeconfigSource): pulumi.Output<string> {
  const { management, cluster, required } = source;
  if (management === undefined) return pulumi.secret("");
  // By way of metadata and not of the id alone, so that every change of the ClusterDeployment reads it anew.
  const text = pulumi.all([deployment.id, deployment.metadata]).apply(async (): Promise<string> => {
    if (pulumi.runtime.isDryRun()) return pulumi.unknown as unknown as string;
    try {
      const name = clusterNames(cluster).kubeconfig;
      const secret = await (await management.api()).get({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name, namespace: NAMESPACE },
      });
      const value = secret?.data?.["value"];
      if (value === undefined && required)
        await pulumi.log.warn(`${cluster}: no kubeconfig yet (Secret ${NAMESPACE}/${name})`);
      return value === undefined ? "" : Buffer.from(value, "base64").toString("utf8");
    } catch (error) {
      await pulumi.log.warn(`${cluster}: the kubeconfig could not be read (${errorReason(error)})`);
      return "";
    }
  });
  return pulumi.secret(text);
}
