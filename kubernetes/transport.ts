/** HTTP to an API server: one agent for all requests, since the handshake is what costs. */
import { readFileSync } from "node:fs";
import {
  type ClientRequest,
  type RequestOptions as HttpOptions,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { Agent, type AgentOptions, request as httpsRequest, type RequestOptions } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { errorReason, KubeconfigError, UnreachableError } from "./errors.ts";
import { contextOf, type KubeconfigContext, parseKubeconfig } from "./kubeconfig.ts";
import { at, textAt } from "./object.ts";

/** How to reach an API server. */
export interface ApiAccess {
  /** Text of a kubeconfig; undefined: the credentials that a pod of the cluster has. */
  readonly kubeconfig?: string | undefined;
  /** Default: its current context. */
  readonly context?: string | undefined;
}

export interface ApiRequest {
  /** @default GET */
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Like `/api/v1/secrets?limit=1`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Content type of the body. @default application/json */
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds that the server may be silent. @default longer than any webhook that it waits for */
  readonly silence?: number;
  /** Whether a server that answers 429 or 503 gets the request again for half a minute. @default true */
  readonly retries?: boolean;
}

/** Any code is an answer. */
export interface ApiResponse {
  readonly code: number;
  readonly text: string;
}

export interface ApiTransport {
  /** Like https://127.0.0.1:6443. */
  readonly server: string;
  /** @throws UnreachableError */
  send(request: ApiRequest): Promise<ApiResponse>;
  /** The response as it comes in. @throws UnreachableError */
  stream(request: ApiRequest): Promise<IncomingMessage>;
}

/** Requests at a time. */
const SOCKETS = 8;
/** A server answers these while it starts, or while definitions change, and another answer a moment later. */
const BUSY = [429, 503];
const RETRY_MS = 30_000;
const PAUSE_MS = 500;
const SILENCE_MS = 35_000;
const PLUGIN_MS = 60_000;

/**
 * @param userAgent who is named in the server's audit log
 * @throws KubeconfigError where the kubeconfig cannot be used.
 */
export async function openTransport({ kubeconfig, context }: ApiAccess, userAgent: string): Promise<ApiTransport> {
  const entry = kubeconfig === undefined ? undefined : contextOf(parseKubeconfig(kubeconfig), context);
  const { server, options, tls } = (entry && simpleConnection(entry)) ?? (await clientConnection(kubeconfig, context));
  const impersonation = entry === undefined ? {} : impersonationOf(entry);
  const begin = server.startsWith("http:") ? httpRequest : httpsRequest;
  const agent = tls && new Agent({ ...tls, keepAlive: true, maxSockets: SOCKETS });
  // A watch holds its connection for minutes.
  const watchAgent = tls && new Agent(tls);

  function begun(request: ApiRequest, through = agent): Promise<IncomingMessage> {
    const { method = "GET", path, body, contentType = "application/json", signal, silence = SILENCE_MS } = request;
    const content = body === undefined ? undefined : JSON.stringify(body);
    const length =
      content === undefined ? {} : { "content-type": contentType, "content-length": Buffer.byteLength(content) };
    const headers = {
      "user-agent": userAgent,
      ...options.headers,
      ...impersonation,
      accept: request.accept ?? "application/json",
      ...length,
    };
    const all = { ...options, method, headers, ...defined({ agent: through, signal }) } as HttpOptions;
    return new Promise((resolve, reject) => {
      const sent = started(() => begin(`${server}${path}`, all, resolve));
      sent.setTimeout(silence, () => sent.destroy(new Error(`silent for ${silence / 1000} s`)));
      sent.on("error", (error: NodeJS.ErrnoException) => {
        // A kept connection may have been closed at the other end just now.
        if (sent.reusedSocket && error.code === "ECONNRESET" && method === "GET") resolve(begun(request, through));
        else reject(signal?.aborted ? error : new UnreachableError(server, error));
      });
      sent.end(content);
    });
  }

  /** A certificate, key or token of a wrong form is found out only here. */
  function started(start: () => ClientRequest): ClientRequest {
    try {
      return start();
    } catch (error) {
      throw credentialsError(server, error);
    }
  }

  async function send(request: ApiRequest): Promise<ApiResponse> {
    for (const until = Date.now() + RETRY_MS; ; ) {
      const response = await begun(request);
      const code = response.statusCode ?? 0;
      const body = await text(response).catch((error: unknown) => {
        throw request.signal?.aborted ? error : new UnreachableError(server, error);
      });
      if (request.retries === false || !BUSY.includes(code) || Date.now() > until) return { code, text: body };
      await sleep(PAUSE_MS, undefined, request.signal === undefined ? {} : { signal: request.signal });
    }
  }

  return { server, send, stream: (request) => begun(request, watchAgent) };
}

interface Connection {
  readonly server: string;
  readonly options: RequestOptions;
  /** What its agents are made of; undefined: `options` say all. */
  readonly tls?: AgentOptions;
}

/** Certificates and tokens need no client; undefined for a kubeconfig with more: a credential plugin, a proxy, another user. */
function simpleConnection({ server, cluster, user }: KubeconfigContext): Connection | undefined {
  const isSimple = !["exec", "auth-provider", "username"].some((key) => user[key] !== undefined);
  if (!isSimple || cluster["proxy-url"] !== undefined) return undefined;
  try {
    // Like client-go, which reads a token's file again when it changes.
    const token = fileAt(user, "tokenFile")?.toString("utf8").trim() || textAt(user, "token");
    const options = { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } };
    if (server.startsWith("http:")) return { server, options };
    const tls = defined({
      ca: dataOrFile(cluster, "certificate-authority"),
      cert: dataOrFile(user, "client-certificate"),
      key: dataOrFile(user, "client-key"),
      servername: textAt(cluster, "tls-server-name"),
      rejectUnauthorized: at(cluster, "insecure-skip-tls-verify") === true ? false : undefined,
    });
    return { server, options, tls };
  } catch (error) {
    throw credentialsError(server, error);
  }
}

/**
 * Headers of `as`, `as-groups`, `as-uid` and `as-user-extra`, without which the server would grant the rights of another user.
 *
 * @throws KubeconfigError where there is no user to have them.
 */
function impersonationOf({ server, user }: KubeconfigContext): Readonly<Record<string, string | string[]>> {
  const name = textAt(user, "as");
  const [groups, uid, extra] = ["as-groups", "as-uid", "as-user-extra"].map((key) => user[key] || undefined);
  if (name === undefined) {
    if (groups === undefined && uid === undefined && extra === undefined) return {};
    throw credentialsError(server, new Error("has groups, uid or extra of a user to act as, and no as"));
  }
  const extras = Object.entries((extra ?? {}) as Record<string, string[]>).map(([key, values]) => [
    `impersonate-extra-${encodeURIComponent(key.toLowerCase()).toLowerCase()}`,
    values,
  ]);
  return defined({
    "impersonate-user": name,
    "impersonate-group": groups,
    "impersonate-uid": uid,
    ...Object.fromEntries(extras),
  }) as Readonly<Record<string, string | string[]>>;
}

function dataOrFile(entry: KubeconfigContext["user"], key: string): Buffer | undefined {
  const data = textAt(entry, `${key}-data`);
  return data === undefined ? fileAt(entry, key) : Buffer.from(data, "base64");
}

function fileAt(entry: KubeconfigContext["user"], key: string): Buffer | undefined {
  const file = textAt(entry, key);
  return file === undefined ? undefined : readFileSync(file);
}

function defined(options: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** Everything else through the Kubernetes client, which takes half a second to load. */
async function clientConnection(kubeconfig: string | undefined, context: string | undefined): Promise<Connection> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  if (kubeconfig === undefined && process.env["KUBERNETES_SERVICE_HOST"] === undefined)
    throw new KubeconfigError("missing", "", {
      reason: "is not set, and this is not a pod of a cluster",
      remedy: "set a file",
    });
  if (kubeconfig === undefined) config.loadFromCluster();
  else config.loadFromString(kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  const cluster = config.getCurrentCluster() as { server: string; proxyUrl?: string } | null;
  const server = cluster?.server.replace(/\/$/, "") ?? "";
  const all: RequestOptions = {};
  try {
    // A plugin that asks for a password waits for ever: nothing writes to it.
    const late = sleep(PLUGIN_MS, undefined, { ref: false }).then(() => {
      throw new Error(`no answer within ${PLUGIN_MS / 1000} s`);
    });
    await Promise.race([config.applyToHTTPSOptions(all as never), late]);
  } catch (error) {
    throw credentialsError(server, pluginError(config.getCurrentUser()?.exec, error));
  }
  const { agent, ...options } = all;
  // Only the client's own agent knows the way through a proxy.
  if (cluster?.proxyUrl !== undefined) return { server, options: { ...options, agent: agent as Agent } };
  return server.startsWith("http:") ? { server, options } : { server, options, tls: options as AgentOptions };
}

/** What a credential plugin did, in plain words. */
function pluginError(exec: { readonly command?: string } | undefined, error: unknown): unknown {
  if (exec === undefined) return error;
  const { code } = error as NodeJS.ErrnoException;
  const reason =
    code === "ENOENT"
      ? "is not installed"
      : error instanceof SyntaxError || error instanceof TypeError
        ? "printed no credential"
        : errorReason(error) || "ended with an error";
  return new Error(`credential plugin ${exec.command ?? "without command"}: ${reason}`);
}

function credentialsError(server: string, error: unknown): KubeconfigError {
  const reason = `its credentials cannot be used (${errorReason(error)})`;
  return new KubeconfigError("credentials", "", { reason, remedy: "run kubectl version with it", server });
}
