import { clusterNames, NAMESPACE } from "../../manifests/names.ts";
import { type KubeconfigLogin, loginOf } from "../../operations/kubeconfig-merge.ts";
import { at, textAt } from "../../operations/live-object.ts";
import type { ApiServer } from "./api-server.ts";

/** A login, or why there is none: `absent`, or the API server's words. */
export interface Asked {
  readonly login: KubeconfigLogin | undefined;
  readonly why: string;
}

/** The login in the Secret that a cluster's control plane writes. */
export async function readLogin(server: ApiServer, cluster: string): Promise<Asked> {
  const name = clusterNames(cluster).kubeconfig;
  const { code, body } = await server.ask(`/api/v1/namespaces/${NAMESPACE}/secrets/${name}`);
  if (code === 404) return { login: undefined, why: "absent" };
  if (code !== 200) return { login: undefined, why: textAt(body, "message") ?? `the API server answered ${code}` };
  const value = at(body, "data", "value");
  const login = typeof value === "string" ? loginOf(Buffer.from(value, "base64").toString("utf8")) : undefined;
  return {
    login,
    why: login === undefined ? `Secret ${NAMESPACE}/${name} holds no kubeconfig under the key value` : "",
  };
}
