import { readFile } from "node:fs/promises";
import type { LiveObject } from "../../operations/live-object.ts";
import { openApi } from "../../preflight/management/api-caller.ts";
import { EXIT, Failure } from "../output/failure.ts";

/** Plain calls of a Kubernetes API, for what is read across all kinds. */
export interface ApiServer {
  /** Like https://127.0.0.1:6443. */
  readonly address: string;
  /** Answers with the code and the JSON of the body, whatever the code. @throws Failure where the server does not answer. */
  ask(path: string, accept?: string): Promise<{ code: number; body: unknown }>;
  /** Answers with the code and the text of the body, like a log. @throws Failure where the server does not answer. */
  text(path: string): Promise<{ code: number; body: string }>;
  /** @throws Failure with the API's own words. */
  get(path: string, accept?: string): Promise<unknown>;
  /** Objects of one kind; `path` is like `/api/v1/secrets`. None where the kind is not there. */
  list(path: string, selector: string): Promise<LiveObject[]>;
  /** Fine where the object is not there. */
  remove(path: string): Promise<void>;
  /** Merges a change into an object (JSON merge patch). @throws Failure with the API's own words. */
  merge(path: string, change: object): Promise<void>;
}

/** How to reach an API server. */
export interface Access {
  /** Text of a kubeconfig; undefined: the credentials that a pod of the cluster has. */
  readonly kubeconfig: string | undefined;
  /** Default: its current one. */
  readonly context?: string | undefined;
  /** How the kubeconfig is called in errors, like its path. */
  readonly name: string;
}

/** How long the API server may say nothing, in milliseconds. */
const SILENCE = 20_000;

interface Said {
  readonly accept?: string;
  /** What is merged into the object. */
  readonly change?: object;
}

const asks = (accept: string | undefined): Said => (accept === undefined ? {} : { accept });

interface Answer {
  readonly code: number;
  readonly body: string;
}

/**
 * Connects with the current context of the kubeconfig in a file, or as told.
 *
 * @throws Failure where the kubeconfig cannot be read, or does not have that context.
 */
export async function openApiServer(from: string | Access): Promise<ApiServer> {
  const { kubeconfig, context, name } = typeof from === "string" ? await readAccess(from) : from;
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromCluster();
    else config.loadFromString(kubeconfig);
  } catch (error) {
    throw new Failure(`${name}: is no kubeconfig because ${reasonOf(error)}; name another file`, EXIT.usage);
  }
  if (context !== undefined) config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (cluster === null || cluster === undefined) {
    const contexts = config.getContexts().map((one) => one.name);
    const remedy = contexts.length === 0 ? "name another file" : `name one of ${contexts.join(", ")} with --context`;
    throw new Failure(`${name}: its context "${config.getCurrentContext()}" names no cluster; ${remedy}`, EXIT.usage);
  }
  const { server, call: send } = await openApi(config).catch((error: unknown) => {
    throw new Failure(`${name}: its login cannot be used (${reasonOf(error)})`);
  });

  async function call(
    method: "GET" | "DELETE" | "PATCH",
    path: string,
    { accept, change }: Said = {},
  ): Promise<Answer> {
    try {
      const { code, text } = await send({
        method,
        path,
        silence: SILENCE,
        ...(accept === undefined ? {} : { accept }),
        ...(change === undefined ? {} : { body: change, type: "application/merge-patch+json" }),
      });
      return { code, body: text };
    } catch (error) {
      throw new Failure(`the API server at ${server} does not answer (${reasonOf(error)})`);
    }
  }

  async function get(path: string, accept?: string): Promise<unknown> {
    const { code, body } = await call("GET", path, asks(accept));
    if (code !== 200) throw new Failure(`the API server refused to read ${path} (${code}): ${body.slice(0, 300)}`);
    return JSON.parse(body);
  }

  return {
    address: server,
    ask: async (path, accept) => {
      const { code, body } = await call("GET", path, asks(accept));
      return { code, body: jsonOf(body) };
    },
    text: (path) => call("GET", path, { accept: "*/*" }),
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
    merge: async (path, change) => {
      const { code, body } = await call("PATCH", path, { change });
      if (code >= 300) throw new Failure(`the API server refused to change ${path} (${code}): ${body.slice(0, 300)}`);
    },
  };
}

/** @throws Failure where the file cannot be read. */
export async function readAccess(file: string, context?: string): Promise<Access> {
  try {
    return { kubeconfig: await readFile(file, "utf8"), context, name: file };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new Failure(
      `kubeconfig: "${file}" cannot be read (${code}); name a file that is there with --kubeconfig, or in management.kubeconfig of the stack file`,
      EXIT.usage,
    );
  }
}

/** Not every answer is JSON: a server that starts up, or a proxy, says it in plain text. */
function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return { message: body.slice(0, 300) };
  }
}

/** Errors of several addresses have no message of their own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(reasonOf))].join(", ");
  // The first line alone: what follows may quote a kubeconfig.
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
