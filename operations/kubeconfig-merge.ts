/** Kubeconfigs as texts: what one opens, until when, and several in one. Nothing here says anything of what a login holds. */
import { X509Certificate } from "node:crypto";
import { parse, stringify } from "yaml";
import { at, numberAt, textAt } from "../kubernetes/object.ts";

/** What a kubeconfig's current context is made of. */
export interface KubeconfigLogin {
  /** Like https://10.1.1.200:6443. */
  readonly server: string;
  readonly cluster: Readonly<Record<string, unknown>>;
  readonly user: Readonly<Record<string, unknown>>;
}

/** Until when a login works. */
export interface Expiry {
  readonly by: "client certificate" | "token";
  /** RFC 3339. */
  readonly at: string;
}

type Named = { readonly name: string } & Readonly<Record<string, unknown>>;

interface KubeconfigFile extends Readonly<Record<string, unknown>> {
  readonly "current-context"?: string;
  readonly clusters: readonly Named[];
  readonly users: readonly Named[];
  readonly contexts: readonly Named[];
}

/** The login of the current context (or of the only one); undefined where the text is no kubeconfig, or its parts do not meet. */
export function loginOf(text: string): KubeconfigLogin | undefined {
  const file = readFile(text);
  if (file === undefined) return undefined;
  const { contexts, clusters, users } = file;
  const context = contexts.find(({ name }) => name === file["current-context"]) ?? contexts[0];
  const find = (list: readonly Named[], key: "cluster" | "user") =>
    at(
      list.find(({ name }) => name === textAt(context, "context", key)),
      key,
    );
  const cluster = find(clusters, "cluster") as KubeconfigLogin["cluster"] | undefined;
  const server = textAt(cluster, "server");
  if (cluster === undefined || server === undefined) return undefined;
  return { server, cluster, user: (find(users, "user") ?? {}) as KubeconfigLogin["user"] };
}

/** When the login ends; undefined where it does not say: a password, or a program that is asked each time. */
export function expiryOf({ user }: KubeconfigLogin): Expiry | undefined {
  const certificate = textAt(user, "client-certificate-data");
  if (certificate !== undefined) {
    try {
      const { validToDate } = new X509Certificate(Buffer.from(certificate, "base64"));
      return { by: "client certificate", at: validToDate.toISOString() };
    } catch {
      return undefined;
    }
  }
  try {
    const [, claims = ""] = (textAt(user, "token") ?? "").split(".");
    const seconds = numberAt(JSON.parse(Buffer.from(claims, "base64url").toString("utf8")), "exp");
    return seconds === undefined ? undefined : { by: "token", at: new Date(seconds * 1000).toISOString() };
  } catch {
    return undefined;
  }
}

/**
 * Puts logins into a kubeconfig, each under one name for its context, cluster and user. Entries of those names are replaced, all
 * others stay; the current context too, where there is one.
 *
 * @param existing text of the kubeconfig that is there; undefined: a new one.
 * @throws Error where it is no kubeconfig, or one of the names leads to another server in it.
 */
export function mergedKubeconfig(existing: string | undefined, logins: ReadonlyMap<string, KubeconfigLogin>): string {
  const before = existing === undefined || existing.trim() === "" ? EMPTY : readFile(existing);
  if (before === undefined) throw new Error("is no kubeconfig");
  for (const [name, { server }] of logins) {
    const there = textAt(
      before.clusters.find((one) => one.name === name),
      "cluster",
      "server",
    );
    if (there !== undefined && there !== server)
      throw new Error(`has a cluster ${name} already, which is another one: ${there} and not ${server}`);
  }
  const others = (list: readonly Named[]) => list.filter(({ name }) => !logins.has(name));
  const entries = [...logins];
  const [first] = entries;
  return stringify(
    {
      ...before,
      clusters: [...others(before.clusters), ...entries.map(([name, { cluster }]) => ({ name, cluster }))],
      users: [...others(before.users), ...entries.map(([name, { user }]) => ({ name, user }))],
      contexts: [
        ...others(before.contexts),
        ...entries.map(([name]) => ({ name, context: { cluster: name, user: name } })),
      ],
      "current-context": before["current-context"] || first?.[0] || "",
    },
    { lineWidth: 0 },
  );
}

const EMPTY: KubeconfigFile = { apiVersion: "v1", kind: "Config", clusters: [], users: [], contexts: [] };

function readFile(text: string): KubeconfigFile | undefined {
  try {
    const file: unknown = parse(text);
    if (typeof file !== "object" || file === null || Array.isArray(file)) return undefined;
    const list = (key: string) => (Array.isArray(at(file, key)) ? at(file, key) : []) as Named[];
    return { ...file, clusters: list("clusters"), users: list("users"), contexts: list("contexts") };
  } catch {
    return undefined;
  }
}
