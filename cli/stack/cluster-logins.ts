import type { KubernetesClient } from "../../kubernetes/client.ts";
import { ApiError } from "../../kubernetes/errors.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubeconfigContext } from "../../kubernetes/kubeconfig.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { clusterNames, NAMESPACE } from "../../manifests/names.ts";
import { loginOf } from "../../operations/kubeconfig-merge.ts";

/** A cluster's login, or why there is none: `absent`, or the error. */
export interface KubeconfigLookup {
  readonly login: KubeconfigContext | undefined;
  readonly why: string;
}

/** Reads the login from the Secret that a cluster's control plane writes. */
export async function readLogin(client: KubernetesClient, cluster: string): Promise<KubeconfigLookup> {
  const name = clusterNames(cluster).kubeconfig;
  let secret: KubernetesObject | undefined;
  try {
    secret = await client.get({ ...KINDS.Secret, metadata: { name, namespace: NAMESPACE } });
  } catch (error) {
    if (error instanceof ApiError) return { login: undefined, why: error.message };
    throw error;
  }
  if (secret === undefined) return { login: undefined, why: "absent" };
  const login = loginOf(Buffer.from(secret.data?.["value"] ?? "", "base64").toString("utf8"));
  return { login, why: `Secret ${NAMESPACE}/${name} has no valid kubeconfig in its key value` };
}
