/** The client of Kubernetes API servers. */
import { ApiError, isConflict, isNotFound } from "./errors.ts";
import { listPath, objectPath } from "./kinds.ts";
import type { KindReference, KubernetesObject, ObjectReference } from "./object.ts";
import { type ApiAccess, type ApiRequest, type ApiResponse, type ApiTransport, openTransport } from "./transport.ts";

/** An object by reference, or by its API path, like `/api/v1/namespaces/kube-system`. */
export type ObjectTarget = ObjectReference | string;

/** A kind, in one namespace or in all, or its API path. */
export type ListTarget = (KindReference & { readonly namespace?: string | undefined }) | string;

export interface ListOptions {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Names, labels and times alone. */
  readonly metadataOnly?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ApplyOptions {
  /** Validates everything and stores nothing. @default false */
  readonly dryRun?: boolean;
  /** Takes fields over from other managers. @default true */
  readonly force?: boolean;
  /** @default the client's own */
  readonly fieldManager?: string;
  /** @default the path that the object's kind and metadata give */
  readonly path?: string;
}

export interface WatchEvent<T extends KubernetesObject = KubernetesObject> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: T;
}

export interface WatchOptions {
  /** The version of the list that the watch goes on from. */
  readonly resourceVersion: string;
  readonly metadataOnly?: boolean;
  readonly signal: AbortSignal;
}

const ANYBODY = "kubernetes-client";
/** Objects of one page of a list. */
const PAGE = 500;
/** How long the server lets a watch run, in milliseconds. */
const WATCH_MS = 240_000;
const METADATA = "as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const METADATA_LIST = "as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/**
 * Connects with a kubeconfig.
 *
 * @param fieldManager whose the requests are, and the fields that they write
 * @throws KubeconfigError where the kubeconfig cannot be used.
 */
export async function connectKubernetes(access: ApiAccess, fieldManager = ANYBODY): Promise<KubernetesClient> {
  return new KubernetesClient(await openTransport(access, fieldManager), fieldManager);
}

/** Every call throws ApiError where the server rejects it, and UnreachableError where it does not answer. */
export class KubernetesClient {
  readonly #transport: ApiTransport;
  readonly #fieldManager: string;

  constructor(transport: ApiTransport, fieldManager = ANYBODY) {
    this.#transport = transport;
    this.#fieldManager = fieldManager;
  }

  /** Like https://127.0.0.1:6443. */
  get server(): string {
    return this.#transport.server;
  }

  /** Sends any request and returns its response, whatever the code. */
  request(request: ApiRequest): Promise<ApiResponse> {
    return this.#transport.send(request);
  }

  /** The object, or any other JSON under a path; undefined where it, its kind or its namespace does not exist. */
  async get<T = KubernetesObject>(
    target: ObjectTarget,
    options: Pick<ApiRequest, "accept" | "signal"> = {},
  ): Promise<T | undefined> {
    return orUndefined(this.#json<T>({ path: pathOf(target), ...options }));
  }

  /** All objects of a kind; none where the server does not have the kind. */
  async list<T extends KubernetesObject = KubernetesObject>(target: ListTarget, options?: ListOptions): Promise<T[]> {
    return (await this.listWithVersion<T>(target, options))?.items ?? [];
  }

  /** {@link list} with the version that a watch goes on from; undefined where the server does not have the kind. */
  async listWithVersion<T extends KubernetesObject>(
    target: ListTarget,
    { labelSelector, fieldSelector, metadataOnly, signal }: ListOptions = {},
  ): Promise<{ items: T[]; resourceVersion: string } | undefined> {
    interface List {
      readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
      readonly items?: readonly T[] | null;
    }
    const path = typeof target === "string" ? target : listPath(target, target.namespace);
    // Items of a list have neither kind nor version.
    const type = typeof target === "string" ? {} : { apiVersion: target.apiVersion, kind: target.kind };
    const options = {
      ...(metadataOnly ? { accept: `application/json;${METADATA_LIST},application/json` } : {}),
      ...(signal === undefined ? {} : { signal }),
    };
    const items: T[] = [];
    let next: string | undefined;
    let resourceVersion = "";
    do {
      const query = queryOf({ limit: PAGE, labelSelector, fieldSelector, continue: next });
      const page = await this.get<List>(`${path}${query}`, options);
      if (page === undefined) return undefined;
      items.push(...(page.items ?? []).map((item) => ({ ...item, ...type })));
      next = page.metadata?.continue || undefined;
      resourceVersion = page.metadata?.resourceVersion ?? "";
    } while (next !== undefined);
    return { items, resourceVersion };
  }

  /** Creates an object; false where it exists already, and stays as it is. */
  async create<T extends ObjectReference>(object: T): Promise<boolean> {
    const { metadata, ...kind } = object;
    const path = `${listPath(kind, metadata.namespace)}${queryOf({ fieldManager: this.#fieldManager })}`;
    return unlessConflict(this.#json({ method: "POST", path, body: object }));
  }

  /** Creates what has no name of its own, like a review or a token, and returns the server's answer. */
  post<T>(path: string, body: object): Promise<T> {
    return this.#json({ method: "POST", path, body });
  }

  /** Server-side apply that rejects unknown fields, by default forced. */
  apply<T extends ObjectReference>(object: T, options: ApplyOptions = {}): Promise<KubernetesObject> {
    return this.#json(applyRequest(object, { fieldManager: this.#fieldManager, ...options }));
  }

  /** Merges a change into an object (JSON merge patch). */
  merge<T = KubernetesObject>(target: ObjectTarget, change: object): Promise<T> {
    const path = `${pathOf(target)}${queryOf({ fieldManager: this.#fieldManager })}`;
    return this.#json({ method: "PATCH", path, body: change, contentType: "application/merge-patch+json" });
  }

  /** Writes an object back; false where it changed since it was read. */
  async replace(object: KubernetesObject): Promise<boolean> {
    const path = `${objectPath(object)}${queryOf({ fieldManager: this.#fieldManager })}`;
    return unlessConflict(this.#json({ method: "PUT", path, body: object }));
  }

  /** Deletes in the background; an object that does not exist is not an error. */
  async delete(target: ObjectTarget): Promise<void> {
    const body = { propagationPolicy: "Background" };
    await orUndefined(this.#json({ method: "DELETE", path: pathOf(target), body }));
  }

  /** Calls back for each event until the stream ends, which it does after some minutes. */
  async watch(
    path: string,
    onEvent: (event: WatchEvent) => void,
    { resourceVersion, metadataOnly, signal }: WatchOptions,
  ): Promise<void> {
    const query = { watch: true, allowWatchBookmarks: true, timeoutSeconds: WATCH_MS / 1000, resourceVersion };
    const response = await this.#transport.stream({
      path: `${path}${queryOf(query)}`,
      signal: AbortSignal.any([signal, AbortSignal.timeout(WATCH_MS + 60_000)]),
      silence: WATCH_MS,
      ...(metadataOnly ? { accept: `application/json;${METADATA},application/json` } : {}),
    });
    response.setEncoding("utf8");
    let rest = "";
    // Not by readline: it does not notice that a server died in the middle.
    for await (const chunk of response) {
      rest += chunk;
      if ((response.statusCode ?? 500) >= 300) continue;
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") onEvent(JSON.parse(line) as WatchEvent);
    }
    if ((response.statusCode ?? 500) >= 300) throw apiError({ code: response.statusCode ?? 500, text: rest });
  }

  async #json<T>(request: ApiRequest): Promise<T> {
    const response = await this.#transport.send(request);
    if (response.code >= 300) throw apiError(response);
    try {
      return JSON.parse(response.text) as T;
    } catch {
      // A proxy, or a program that listens in its place.
      throw new ApiError(response.code, `${this.server} does not answer as an API server (its answer is not JSON)`);
    }
  }
}

/** The body of a response as JSON. Not every response is: a server that starts, or a proxy, answers in plain text. */
export function bodyOf({ text }: ApiResponse): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.slice(0, 500) };
  }
}

/** What the server says of a request that it rejects. */
export function apiError(response: ApiResponse): ApiError {
  const { message } = bodyOf(response) as { message?: string };
  return new ApiError(response.code, message || `the API server answered ${response.code}`);
}

/** The request of a server-side apply. */
export function applyRequest(
  object: ObjectReference,
  options: ApplyOptions & { readonly fieldManager: string },
): ApiRequest {
  const { dryRun = false, force = true, fieldManager, path = objectPath(object) } = options;
  const query = queryOf({ fieldManager, force, fieldValidation: "Strict", dryRun: dryRun ? "All" : undefined });
  return { method: "PATCH", path: `${path}${query}`, body: object, contentType: "application/apply-patch+yaml" };
}

function pathOf(target: ObjectTarget): string {
  return typeof target === "string" ? target : objectPath(target);
}

function queryOf(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return `?${entries.map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`).join("&")}`;
}

async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function unlessConflict(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isConflict(error)) return false;
    throw error;
  }
}
