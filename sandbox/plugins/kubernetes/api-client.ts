import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import type { ValueMap } from "../property-values.ts";
import { type ApiResource, Discovery } from "./discovery.ts";
import type { Connection } from "./kubeconfig.ts";

/** An object as the API server has it. */
export type KubeObject = ValueMap & { apiVersion?: string; kind?: string; metadata?: ValueMap };

export interface Call {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  contentType?: string;
  accept?: string;
}

/** What the API server answered instead of the object. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: ValueMap;
  constructor(code: number, status: { message?: string; reason?: string; details?: ValueMap }) {
    super(status.message ?? `the server answered ${code}`);
    this.code = code;
    this.reason = status.reason ?? "";
    this.details = status.details ?? {};
  }
}

export interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  object: KubeObject;
}

/** The few calls that the plugin makes; objects pass through as they are, whatever their kind. */
export class ApiClient {
  readonly discovery: Discovery;
  readonly #connection: Connection;
  readonly #agent: Agent | HttpAgent;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#agent = connection.server.startsWith("https:")
      ? new Agent({ keepAlive: true, maxSockets: 64 })
      : new HttpAgent({ keepAlive: true, maxSockets: 64 });
    this.discovery = new Discovery((path, accept) => this.call({ method: "GET", path, accept }));
  }

  /** Path of an object, or of its collection without a name. */
  path(resource: ApiResource, target: { namespace?: string | undefined; name?: string }): string {
    const namespace = resource.namespaced ? `/namespaces/${encodeURIComponent(target.namespace || "default")}` : "";
    const name = target.name ? `/${encodeURIComponent(target.name)}` : "";
    return `${resource.base}${namespace}/${resource.plural}${name}`;
  }

  async call(call: Call): Promise<ValueMap> {
    const response = await this.#send(call);
    const text = await textOf(response);
    const code = response.statusCode ?? 0;
    const body = parseJson(text);
    if (code < 200 || code > 299) {
      throw new ApiError(code, body ?? { message: text.trim() || `the server answered ${code}` });
    }
    return body ?? {};
  }

  /** Calls `each` for every event until it returns true, the server ends the watch, or `signal` fires. */
  async watch(path: string, each: (event: WatchEvent) => boolean, signal: AbortSignal): Promise<void> {
    const response = await this.#send({ method: "GET", path }, signal);
    if ((response.statusCode ?? 0) > 299) {
      throw new ApiError(response.statusCode ?? 0, parseJson(await textOf(response)) ?? {});
    }
    let rest = "";
    for await (const chunk of response.setEncoding("utf8")) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines.filter(Boolean)) {
        if (each(JSON.parse(line))) {
          response.destroy();
          return;
        }
      }
    }
  }

  #send(call: Call, signal?: AbortSignal): Promise<IncomingMessage> {
    const { server, ca, cert, key, token, insecure, serverName } = this.#connection;
    const url = new URL(server + call.path);
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers = {
      Accept: call.accept ?? "application/json",
      "User-Agent": "k0rdent-nutanix-sandbox",
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(body
        ? { "Content-Type": call.contentType ?? "application/json", "Content-Length": Buffer.byteLength(body) }
        : {}),
    };
    const tls = { ca, cert, key, rejectUnauthorized: !insecure, ...(serverName ? { servername: serverName } : {}) };
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const request = send(
        url,
        { method: call.method, headers, ...tls, ...(signal ? { signal } : { agent: this.#agent as Agent }) },
        resolve,
      );
      request.on("error", (error: NodeJS.ErrnoException) => {
        const reason =
          error.code === "ECONNREFUSED" ? `dial tcp ${url.host}: connect: connection refused` : error.message;
        reject(
          new Error(`${call.method[0]}${call.method.slice(1).toLowerCase()} "${url.origin}${url.pathname}": ${reason}`),
        );
      });
      request.end(body);
    });
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    text += chunk;
  }
  return text;
}

function parseJson(text: string): ValueMap | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
