import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { KINDS, listPath } from "../../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { SNAPSHOT_KINDS } from "../../../operations/snapshot.ts";
import { apiJson } from "../../support/api-json.ts";

/** An API server in clear that answers lists from memory: for what a command makes of the answers, and how fast. */
export interface StandInApi {
  /** Path of a kubeconfig that leads to it. */
  readonly kubeconfig: string;
  readonly address: string;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** Answers no more; the kubeconfig stays. */
  off(): Promise<void>;
  close(): Promise<void>;
}

export interface Answers {
  readonly objects?: readonly KubernetesObject[];
  /** Answers by path, before anything else: a code and a body. */
  readonly others?: Readonly<Record<string, readonly [code: number, body: unknown]>>;
  /** May nothing: every call is refused as an API server refuses it. */
  readonly isForbidden?: boolean;
}

export async function startStandIn({ objects = [], others = {}, isForbidden }: Answers): Promise<StandInApi> {
  const bodies = new Map<string, string>();
  for (const name of SNAPSHOT_KINDS) {
    const items = objects.filter(({ kind }) => kind === name);
    const { kind, namespaced, apiVersions } = KINDS[name];
    // Served in the oldest version only, as the older line serves core.
    const path = listPath({ kind, apiVersion: apiVersions.at(-1) ?? "" }, namespaced ? "kcm-system" : undefined);
    bodies.set(path, apiJson({ items }));
  }
  const answers = new Map(Object.entries(others).map(([path, answer]) => [pathOf(path), answer]));
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const path = pathOf(request.url ?? "");
    asked.push(path);
    const answer = (code: number, body: string) =>
      response.writeHead(code, { "content-type": "application/json" }).end(body);
    if (isForbidden) return answer(403, apiJson({ message: `user "nobody" cannot list ${path}` }));
    const other = answers.get(path);
    if (other !== undefined) return answer(other[0], apiJson(other[1]));
    const body = bodies.get(path.split("?")[0] ?? "");
    return body === undefined ? answer(404, '{"message":"not found"}') : answer(200, body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-api-"));
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, kubeconfigTo(address));
  const off = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  return {
    kubeconfig,
    address,
    asked,
    off,
    close: async () => {
      await off();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A path without what every request of the client has. */
function pathOf(text: string): string {
  const { pathname, searchParams } = new URL(text, "http://stand-in");
  for (const name of ["limit", "fieldManager"]) searchParams.delete(name);
  return searchParams.size === 0 ? pathname : `${pathname}?${searchParams}`;
}

/** A kubeconfig whose one context leads to a server. */
export function kubeconfigTo(
  server: string,
  user: object = {},
  cluster: object = { "insecure-skip-tls-verify": true },
): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    // The client takes a server in clear only so.
    clusters: [{ name: "c", cluster: { server, ...cluster } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "k", context: { cluster: "c", user: "u" } }],
    "current-context": "k",
  });
}
