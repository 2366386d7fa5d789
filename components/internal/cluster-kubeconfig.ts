import type { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import pulumi from "@pulumi/pulumi";
import { errorReason } from "../../kubernetes/errors.ts";
import { loginOf, mergedKubeconfig } from "../../kubernetes/kubeconfig-merge.ts";
import { clusterNames, NAMESPACE } from "../../manifests/names.ts";
import type { ManagementConnection } from "../management-connection.ts";
import { isTestRuntime } from "./hooks.ts";
import { log } from "./log.ts";

export interface KubeconfigSource {
  readonly cluster: string;
  readonly connection: ManagementConnection;
  /** Whether to warn where there is no kubeconfig yet. */
  readonly required: boolean;
}

/**
 * The login that the control plane writes, as a kubeconfig and a secret: read in up, after the ClusterDeployment; unknown in a preview, which
 * may not reach the cluster; empty while there is none.
 */
export function clusterKubeconfig(deployment: CustomResource, source: KubeconfigSource): pulumi.Output<string> {
  const { connection, cluster, required } = source;
  // Through metadata and not the id alone, so that every change of the ClusterDeployment reads it again.
  const text = pulumi.all([deployment.id, deployment.metadata]).apply(async (): Promise<string> => {
    if (pulumi.runtime.isDryRun() || isTestRuntime()) return pulumi.unknown as unknown as string;
    try {
      const name = clusterNames(cluster).kubeconfig;
      const api = await connection.api();
      const secret = await api.get({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: NAMESPACE } });
      const value = secret?.data?.["value"];
      if (value === undefined && required)
        await log.warn(`${cluster}: no kubeconfig yet (Secret ${NAMESPACE}/${name})`);
      if (value === undefined) return "";
      const login = loginOf(Buffer.from(value, "base64").toString("utf8"), `Secret ${NAMESPACE}/${name}`);
      return mergedKubeconfig(undefined, new Map([[cluster, login]]));
    } catch (error) {
      await log.warn(`${cluster}: the kubeconfig cannot be read (${errorReason(error)})`);
      return "";
    }
  });
  return pulumi.secret(text);
}
