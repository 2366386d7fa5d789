import type { KubernetesClient } from "../../kubernetes/client.ts";
import { ApiError } from "../../kubernetes/errors.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { clusterNames, NAMESPACE } from "../../manifests/names.ts";
import { type KubeconfigLogin, loginOf } from "../../operations/kubeconfig-merge.ts";

/** A login, or why there is none: `absent`, or the API server's words. */
export interface Asked {
  readonly login: KubeconfigLogin | undefined;
  readonly why: string;
}

/** The login in the Secret that a cluster's control plane writes. */
export async function readLogin(client: KubernetesClient, cluster: string): Promise<Asked> {
  const name = clusterNames(cluster).kubeconfig;
  let secret: KubernetesObject | undefined;
  try {
    secret = await client.get({ ...KINDS.Secret, metadata: { name, namespace: NAMESPACE } });
  } catch (error) {
    if (error instanceof ApiError) return { login: undefined, why: error.message };
    throw error;
  }
  if (secret === undefined) return { login: undefined, why: "absent" };
  const value = secret.data?.["value"];
  const login = value !== undefined ? loginOf(Buffer.from(value, "base64").toString("utf8")) : undefined;
  return {
    login,
    why: login === undefined ? `Secret ${NAMESPACE}/${name} holds no kubeconfig under the key value` : "",
  };
}
