/** Plain calls of a Kubernetes API server, whose code and text the caller judges. */
import { type RequestOptions as HttpOptions, request as httpRequest } from "node:http";
import { Agent, type AgentOptions, request as httpsRequest, type RequestOptions } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeConfig } from "@kubernetes/client-node";

export interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Like `/api/v1/secrets?limit=1`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Content type of the body. @default application/json */
  readonly type?: string;
  readonly accept?: string;
  /** Milliseconds that the server may say nothing. @default as long as it likes */
  readonly silence?: number;
  readonly signal?: AbortSignal;
}

/** Any code is an answer. */
export interface Answer {
  readonly code: number;
  readonly text: string;
}

export interface ApiCaller {
  /** Like https://127.0.0.1:6443. */
  readonly server: string;
  /** Rejects with Node's own error when there is no answer. */
  call(call: Call): Promise<Answer>;
}

/** Calls at a time. */
const SOCKETS = 8;
/** Times that a call is made again when the server asks for patience: definitions that have just come make it do so. */
const PATIENCE = 20;
const PAUSE_MS = 500;

/**
 * Connects with a kubeconfig's current context: its certificates, tokens, credential plugins and proxy. One agent for all
 * calls, since the handshake is what costs. Rejects when a credential plugin fails.
 *
 * @throws Error when the context names no cluster.
 */
export async function openApi(config: KubeConfig): Promise<ApiCaller> {
  const cluster = config.getCurrentCluster();
  const server = cluster?.server.replace(/\/$/, "");
  if (server === undefined) throw new Error("its current context names no cluster");
  const security: RequestOptions = {};
  await config.applyToHTTPSOptions(security as never);
  const { agent: ofTheClient, headers, ...rest } = security;
  // The client's own agent knows the way through a proxy, and keeps no connection.
  const proxied = (cluster as { proxyUrl?: string } | null)?.proxyUrl !== undefined || server.startsWith("http:");
  const agent = proxied ? ofTheClient : new Agent({ ...(rest as AgentOptions), keepAlive: true, maxSockets: SOCKETS });
  const common = { ...rest, agent } as RequestOptions;
  const send = server.startsWith("http:") ? httpRequest : httpsRequest;

  function once(asked: Call): Promise<Answer> {
    const { method, path, body, type = "application/json", accept, silence, signal } = asked;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const content = text === undefined ? {} : { "content-type": type, "content-length": Buffer.byteLength(text) };
    const options = {
      ...common,
      method,
      headers: { ...(headers as Record<string, string>), accept: accept ?? "application/json", ...content },
      ...(signal === undefined ? {} : { signal }),
    };
    return new Promise((resolve, reject) => {
      const sent = send(`${server}${path}`, options as HttpOptions, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ code: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") }),
        );
      });
      if (silence !== undefined)
        sent.setTimeout(silence, () => sent.destroy(new Error(`said nothing for ${silence / 1000} s`)));
      sent.on("error", (error: NodeJS.ErrnoException) => {
        // A connection that was kept may have been closed at the other end just now: that says nothing of the server.
        if (sent.reusedSocket && error.code === "ECONNRESET" && method === "GET") resolve(once(asked));
        else reject(error);
      });
      sent.end(text);
    });
  }

  async function call(asked: Call): Promise<Answer> {
    for (let tries = 0; ; tries += 1) {
      const answer = await once(asked);
      if (answer.code !== 429 || tries === PATIENCE) return answer;
      await sleep(PAUSE_MS, undefined, asked.signal === undefined ? {} : { signal: asked.signal });
    }
  }

  return { server, call };
}
