import { Agent, type RequestOptions, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { KubeConfig } from "@kubernetes/client-node";

export interface Meta {
  name: string;
  namespace?: string;
  uid?: string;
  generation?: number;
  resourceVersion?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
}

/** A Kubernetes object; its kind decides the types of spec and status. */
export interface KubeObject<Spec = unknown, Status = unknown> {
  apiVersion: string;
  kind: string;
  metadata: Meta;
  spec?: Spec;
  status?: Status;
}

export interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  object: KubeObject;
}

interface Call {
  body?: unknown;
  type?: string;
  accept?: string;
  signal?: AbortSignal;
}

/** The API server's refusal, with its code and text. */
export class ApiError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export const isGone = (error: unknown): boolean => error instanceof ApiError && error.code === 404;

const MANAGER = "k0rdent-nutanix-sandbox";
/** How long the API server is asked to let a watch run, in milliseconds. */
export const WATCH = 240_000;
/** Only names and versions of objects: a CustomResourceDefinition is a hundred kilobytes otherwise. */
const METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
const METADATA_EVENT = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

/** Calls to the API server that a kubeconfig names. A path is the one of the API, e.g. /apis/apps/v1/deployments. */
export class Client {
  private readonly config = new KubeConfig();
  private readonly server: string;
  private options: RequestOptions | undefined;
  readonly kubeconfig: string;

  constructor(kubeconfig: string) {
    this.kubeconfig = kubeconfig;
    this.config.loadFromFile(kubeconfig);
    const cluster = this.config.getCurrentCluster();
    if (!cluster)
      throw new Error(`${kubeconfig}: is wrong because its current context names no cluster; make the sandbox again`);
    this.server = cluster.server;
  }

  get<T extends KubeObject = KubeObject>(path: string): Promise<T> {
    return this.call<T>("GET", path);
  }

  /** The object, or undefined when it (or its kind) does not exist. */
  async find<T extends KubeObject = KubeObject>(path: string): Promise<T | undefined> {
    return this.call<T>("GET", path).catch((error) => {
      if (isGone(error)) return undefined;
      throw error;
    });
  }

  list(path: string, metadata = false): Promise<{ metadata: { resourceVersion: string }; items?: KubeObject[] }> {
    return this.call("GET", path, metadata ? { accept: METADATA } : {});
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.call("POST", path, { body });
  }

  /** A JSON merge patch. */
  merge(path: string, body: unknown): Promise<KubeObject> {
    return this.call("PATCH", `${path}?fieldManager=${MANAGER}`, { body, type: "application/merge-patch+json" });
  }

  /** Server-side apply, forced, that refuses unknown fields. */
  apply(path: string, body: unknown): Promise<KubeObject> {
    const query = `fieldManager=${MANAGER}&force=true&fieldValidation=Strict`;
    return this.call("PATCH", `${path}?${query}`, { body, type: "application/apply-patch+yaml" });
  }

  /** Deletes in the background; an object that is not there is no error. */
  async delete(path: string): Promise<void> {
    await this.call("DELETE", path, { body: { propagationPolicy: "Background" } }).catch((error) => {
      if (!isGone(error)) throw error;
    });
  }

  /** Calls back for each event until the stream ends, which it does by itself after some minutes. */
  async watch(
    path: string,
    onEvent: (event: WatchEvent) => void,
    options: { signal: AbortSignal; metadata?: boolean },
  ): Promise<void> {
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(WATCH + 60_000)]);
    const call = options.metadata ? { signal, accept: METADATA_EVENT } : { signal };
    const response = await this.send("GET", path, call);
    if ((response.statusCode ?? 500) >= 300) throw await failure(response);
    response.setEncoding("utf8");
    let rest = "";
    // Not by readline: it does not notice that a server died in the middle.
    for await (const chunk of response) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") onEvent(JSON.parse(line) as WatchEvent);
    }
  }

  private async call<T>(method: string, path: string, call: Call = {}): Promise<T> {
    const timeout = AbortSignal.timeout(15_000);
    const response = await this.send(method, path, { signal: timeout, ...call });
    if ((response.statusCode ?? 500) >= 300) throw await failure(response);
    return JSON.parse(await textOf(response)) as T;
  }

  private async send(method: string, path: string, call: Call): Promise<import("node:http").IncomingMessage> {
    const auth = await this.connection();
    const headers: Record<string, string> = {
      ...(auth.headers as Record<string, string>),
      accept: call.accept ?? "application/json",
    };
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    if (body !== undefined) {
      headers["content-type"] = call.type ?? "application/json";
      // Node sends a DELETE's body without saying how long it is.
      headers["content-length"] = String(Buffer.byteLength(body));
    }
    const options = { ...auth, method, headers, ...(call.signal ? { signal: call.signal } : {}) };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.server}${path}`, options, resolve);
      sent.on("error", reject);
      sent.end(body);
    });
  }

  private async connection(): Promise<RequestOptions> {
    if (!this.options) {
      const options: RequestOptions = {};
      await this.config.applyToHTTPSOptions(options);
      const { ca, cert, key, headers = {} } = options;
      this.options = { headers, agent: new Agent({ ca, cert, key, keepAlive: true }) };
    }
    return this.options;
  }

  /** Address and certificate of the API server, for kubeconfigs that are written here. */
  get cluster(): { server: string; ca: string } {
    return { server: this.server, ca: this.config.getCurrentCluster()?.caData ?? "" };
  }
}

async function textOf(response: import("node:http").IncomingMessage): Promise<string> {
  response.setEncoding("utf8");
  let text = "";
  for await (const chunk of response) text += chunk;
  return text;
}

async function failure(response: import("node:http").IncomingMessage): Promise<ApiError> {
  const text = await textOf(response);
  let message = text.slice(0, 500);
  try {
    message = (JSON.parse(text) as { message?: string }).message ?? message;
  } catch {
    // Not every answer is a Status: a server that starts up says it in plain text.
  }
  return new ApiError(response.statusCode ?? 500, message);
}

/** Waits, but not longer than the signal lets it. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
