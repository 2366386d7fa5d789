/** An API server with plain objects, for what is hard to set up on a real one: kinds of other projects, and faults. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { stringify } from "yaml";
import { groupPath, pluralOf } from "../../../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../../../kubernetes/object.ts";
import { apiJson } from "../../../support/api-json.ts";

/** What it does instead of a normal response. */
export type ApiServerFault = "reset" | "slow" | "unauthorized" | "failing";

export interface ApiServerStandIn {
  /** Text of a kubeconfig for it. */
  readonly kubeconfig: string;
  /** Method and path of every request in order, and the body of a POST. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export interface ApiServerStandInOptions {
  readonly objects?: readonly Partial<KubernetesObject>[];
  /** Served kinds without objects, like `v1 Pod`. */
  readonly kinds?: readonly string[];
  /** Paths that the user may not read. */
  readonly forbidden?: readonly string[];
  /** Paths of rejected objects, with the status. */
  readonly rejected?: Readonly<Record<string, { readonly code: number; readonly message: string }>>;
  readonly fault?: ApiServerFault;
}

/** Starts one on a free port. */
export async function startApiServer(options: ApiServerStandInOptions = {}): Promise<ApiServerStandIn> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const body = request.method === "POST" ? ` ${await text(request)}` : "";
    requests.push(`${request.method} ${request.url}${body}`);
    respond(options, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfig: kubeconfigOf(`http://127.0.0.1:${port}`),
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A kubeconfig for `server`. */
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

function respond(options: ApiServerStandInOptions, request: IncomingMessage, response: ServerResponse): void {
  const { fault } = options;
  if (fault === "slow") return;
  if (fault === "reset") {
    request.socket.destroy();
    return;
  }
  const url = new URL(request.url ?? "/", "http://stand-in");
  const code = fault === "unauthorized" ? 401 : fault === "failing" ? 500 : undefined;
  const { status, body } =
    code === undefined ? responseFor(options, request.method ?? "GET", url) : { status: code, body: {} };
  response.statusCode = status;
  response.setHeader("content-type", "application/json");
  response.end(apiJson(body));
}

function responseFor(options: ApiServerStandInOptions, method: string, url: URL): { status: number; body: unknown } {
  const path = url.pathname;
  if (path === "/version") return { status: 200, body: { gitVersion: "v1.33.0" } };
  if (path.endsWith("/selfsubjectreviews"))
    return { status: 201, body: { status: { userInfo: { username: "jane" } } } };
  if (path.endsWith("/selfsubjectaccessreviews")) return { status: 201, body: { status: { allowed: true } } };
  if (options.forbidden?.includes(path)) return { status: 403, body: { kind: "Status", message: "no" } };
  const rejection = method === "PATCH" ? options.rejected?.[path] : undefined;
  if (rejection !== undefined) return { status: rejection.code, body: { kind: "Status", ...rejection } };
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
    const inNamespace = ofKind.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
    if (method === "PATCH") return { status: 200, body: {} };
    if (name === undefined) {
      const items = inNamespace.filter((object) => matches(url.searchParams.get("labelSelector") ?? "", object));
      return { status: 200, body: { items } };
    }
    const found = inNamespace.find(({ metadata }) => metadata.name === name);
    if (found !== undefined) return { status: 200, body: found };
  }
  return { status: 404, body: {} };
}

/** The three forms of a label selector that the checks use. */
function matches(selector: string, { metadata }: KubernetesObject): boolean {
  const parts = selector.match(/[^,(]+(\([^)]*\))?/g) ?? [];
  return parts.every((part) => {
    const among = /^(\S+) in \((.*)\)$/.exec(part);
    if (among) return among[2]?.split(",").includes(metadata.labels?.[among[1] ?? ""] ?? "");
    const [key = "", value = ""] = part.split(/!?=/);
    return (metadata.labels?.[key] === value) !== part.includes("!=");
  });
}
