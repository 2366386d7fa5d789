import type { LiveObject } from "../manifests/live-object.ts";
import { openApi } from "../preflight/management/api.ts";
import { Failure } from "./failure.ts";

export type { LiveObject };

/** Plain calls of a Kubernetes API, for what is read across all kinds. */
export interface ApiServer {
  /** Like https://127.0.0.1:6443. */
  readonly address: string;
  /** @throws Failure with the API's own words. */
  get(path: string, accept?: string): Promise<unknown>;
  /** Objects of one kind; `path` is like `/api/v1/secrets`. None where the kind is not there. */
  list(path: string, selector: string): Promise<LiveObject[]>;
  /** Fine where the object is not there. */
  remove(path: string): Promise<void>;
}

/** Connects with a kubeconfig's current context. */
export async function openApiServer(kubeconfig: string): Promise<ApiServer> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  if (!config.getCurrentCluster()) throw new Failure(`${kubeconfig}: its current context names no cluster`);
  const { server, call: send } = await openApi(config);

  async function call(
    method: "GET" | "DELETE",
    path: string,
    accept?: string,
  ): Promise<{ code: number; body: string }> {
    try {
      const { code, text } = await send({ method, path, ...(accept === undefined ? {} : { accept }) });
      return { code, body: text };
    } catch (error) {
      throw new Failure(`the API server at ${server} does not answer (${(error as Error).message})`);
    }
  }

  async function get(path: string, accept?: string): Promise<unknown> {
    const { code, body } = await call("GET", path, accept);
    if (code !== 200) throw new Failure(`the API server refused to read ${path} (${code}): ${body.slice(0, 300)}`);
    return JSON.parse(body);
  }

  return {
    address: server,
    get,
    list: async (path, selector) => {
      const { code, body } = await call("GET", `${path}?labelSelector=${encodeURIComponent(selector)}`);
      if (code === 404) return [];
      if (code !== 200) throw new Failure(`the API server refused to list ${path} (${code}): ${body.slice(0, 300)}`);
      const { items } = JSON.parse(body) as { items: LiveObject[] };
      return items;
    },
    remove: async (path) => {
      const { code, body } = await call("DELETE", path);
      if (code >= 300 && code !== 404)
        throw new Failure(`the API server refused to delete ${path} (${code}): ${body.slice(0, 300)}`);
    },
  };
}
