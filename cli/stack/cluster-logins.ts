import type { KubernetesClient } from "../../kubernetes/client.ts";
import { ApiError, KubeconfigError } from "../../kubernetes/errors.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubeconfigContext } from "../../kubernetes/kubeconfig.ts";
import { loginOf } from "../../kubernetes/kubeconfig-merge.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { clusterNames, NAMESPACE } from "../../manifests/names.ts";

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
  const text = Buffer.from(secret.data?.["value"] ?? "", "base64").toString("utf8");
  const source = `Secret ${NAMESPACE}/${name}`;
  try {
    return { login: loginOf(text, source), why: "" };
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    return { login: undefined, why: `${source} ${error.reason}; ${error.remedy}` };
  }
}
