import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "./failure.ts";

/** A Kubernetes object as it was read. */
export interface LiveObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
  };
  readonly status?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

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

/** Times that a call is made again when the server asks for it. */
const PATIENCE = 20;

interface Answer {
  readonly code: number;
  readonly body: string;
}

/** Connects with a kubeconfig's current context. */
export async function openApiServer(kubeconfig: string): Promise<ApiServer> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Failure(`${kubeconfig}: its current context names no cluster`);
  const security: Record<string, unknown> = {};
  await config.applyToHTTPSOptions(security);
  // One agent for all calls: the handshake is what costs.
  const agent = new Agent({ ...security, keepAlive: true, maxSockets: 8 });

  /** Definitions that have just come make the API server ask for patience for a moment. */
  async function call(method: string, path: string, accept?: string): Promise<Answer> {
    for (let tries = 0; ; tries += 1) {
      const answer = await callOnce(method, path, accept);
      if (answer.code !== 429 || tries === PATIENCE) return answer;
      await sleep(500);
    }
  }

  function callOnce(method: string, path: string, accept = "application/json"): Promise<Answer> {
    const headers = { ...(security.headers as Record<string, string> | undefined), accept };
    return new Promise((resolve, reject) => {
      const sent = request(`${server}${path}`, { ...security, method, headers, agent }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () =>
          resolve({ code: response.statusCode ?? 0, body: Buffer.concat(parts).toString("utf8") }),
        );
      });
      sent.on("error", (error) =>
        reject(new Failure(`the API server at ${server} does not answer (${error.message})`)),
      );
      sent.end();
    });
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
