/** An API server that holds plain objects, for what a real one is not easily brought to: kinds of others, and faults. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { groupPath, pluralOf } from "../../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { apiJson } from "../../support/api-json.ts";

/** What it does instead of answering. */
export type Fault = "cut" | "slow" | "unauthorized" | "failing";

export interface StandIn {
  /** Text of a kubeconfig that leads to it. */
  readonly kubeconfig: string;
  /** Method and path of every call, in order, and of a POST its body, which tells such questions apart. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

export interface StandInOptions {
  readonly objects?: readonly Partial<KubernetesObject>[];
  /** Kinds that are served although there is no object of them, like `v1 Pod`. */
  readonly kinds?: readonly string[];
  /** Paths that the user may not read. */
  readonly forbidden?: readonly string[];
  /** Paths of objects that are not taken, with the status that says so. */
  readonly refused?: Readonly<Record<string, { readonly code: number; readonly message: string }>>;
  readonly fault?: Fault;
  /** Milliseconds for every call. @default 0 */
  readonly latency?: number;
}

/** Starts one on a free port. */
export async function standIn(options: StandInOptions = {}): Promise<StandIn> {
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    const body = request.method === "POST" ? ` ${await text(request)}` : "";
    calls.push(`${request.method} ${request.url}${body}`);
    if (options.latency !== undefined) await sleep(options.latency);
    answerCall(options, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfig: kubeconfigOf(`http://127.0.0.1:${port}`),
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A kubeconfig that leads to `server`. */
export function kubeconfigOf(server: string): string {
  const name = "stand-in";
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name, user: { token: "token-of-the-stand-in" } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  });
}

function answerCall(options: StandInOptions, request: IncomingMessage, response: ServerResponse): void {
  const { fault } = options;
  if (fault === "slow") return;
  if (fault === "cut") {
    request.socket.destroy();
    return;
  }
  const url = new URL(request.url ?? "/", "http://stand-in");
  const code = fault === "unauthorized" ? 401 : fault === "failing" ? 500 : undefined;
  const { status, body } =
    code === undefined ? answerTo(options, request.method ?? "GET", url) : { status: code, body: {} };
  response.statusCode = status;
  response.setHeader("content-type", "application/json");
  response.end(apiJson(body));
}

function answerTo(options: StandInOptions, method: string, url: URL): { status: number; body: unknown } {
  const path = url.pathname;
  if (path === "/version") return { status: 200, body: { gitVersion: "v1.33.0" } };
  if (path.endsWith("/selfsubjectreviews"))
    return { status: 201, body: { status: { userInfo: { username: "jane" } } } };
  if (path.endsWith("/selfsubjectaccessreviews")) return { status: 201, body: { status: { allowed: true } } };
  if (options.forbidden?.includes(path)) return { status: 403, body: { kind: "Status", message: "no" } };
  const refusal = method === "PATCH" ? options.refused?.[path] : undefined;
  if (refusal !== undefined) return { status: refusal.code, body: { kind: "Status", ...refusal } };
  const objects = (options.objects ?? []) as KubernetesObject[];
  const kinds = new Set([...(options.kinds ?? []), ...objects.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)]);
  for (const one of kinds) {
    const [apiVersion = "", kind = ""] = one.split(" ");
    const base = groupPath(apiVersion);
    const ofKind = objects.filter((object) => object.apiVersion === apiVersion && object.kind === kind);
    if (path === base) {
      const resources = [...kinds]
        .filter((other) => other.startsWith(`${apiVersion} `))
        .map((other) => other.split(" ")[1] ?? "");
      return { status: 200, body: { resources: resources.map((kind) => ({ kind, name: pluralOf(kind) })) } };
    }
    const rest = path.startsWith(`${base}/`) ? path.slice(base.length + 1).split("/") : [];
    const [namespace, plural, name] =
      rest[0] === "namespaces" && rest.length > 2 ? rest.slice(1) : [undefined, ...rest];
    if (plural !== pluralOf(kind)) continue;
    const inPlace = ofKind.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
    if (method === "PATCH") return { status: 200, body: {} };
    if (name === undefined) {
      const items = inPlace.filter((object) => picks(url.searchParams.get("labelSelector") ?? "", object));
      return { status: 200, body: { items } };
    }
    const found = inPlace.find(({ metadata }) => metadata.name === name);
    if (found !== undefined) return { status: 200, body: found };
  }
  return { status: 404, body: {} };
}

/** The three forms of a label selector that are asked for. */
function picks(selector: string, { metadata }: KubernetesObject): boolean {
  const parts = selector.match(/[^,(]+(\([^)]*\))?/g) ?? [];
  return parts.every((part) => {
    const among = /^(\S+) in \((.*)\)$/.exec(part);
    if (among) return among[2]?.split(",").includes(metadata.labels?.[among[1] ?? ""] ?? "");
    const [key = "", value = ""] = part.split(/!?=/);
    return (metadata.labels?.[key] === value) !== part.includes("!=");
  });
}
