/** Kubeconfigs of clusters: their logins, when these expire, and several in one file. Errors contain nothing of a login. */
import { X509Certificate } from "node:crypto";
import { stringify } from "yaml";
import { contextOf, type Kubeconfig, type KubeconfigContext, parseKubeconfig } from "../kubernetes/kubeconfig.ts";
import { numberAt, textAt } from "../kubernetes/object.ts";

/** When a login expires. */
export interface Expiry {
  readonly by: "client certificate" | "token";
  /** RFC 3339. */
  readonly at: string;
}

/** The login of the current context, else of the first; undefined where the text is not a kubeconfig, or has no such context. */
export function loginOf(text: string): KubeconfigContext | undefined {
  try {
    const config = parseKubeconfig(text);
    const names = config.contexts.map(({ name }) => name);
    const current = config["current-context"] ?? "";
    return contextOf(config, names.includes(current) ? current : names[0]);
  } catch {
    return undefined;
  }
}

/** undefined where the login does not say: a password, or a credential plugin. */
export function expiryOf({ user }: KubeconfigContext): Expiry | undefined {
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
 * @param existing text of the existing kubeconfig; undefined: a new one.
 * @throws Error where it is not a kubeconfig, or has one of the names for another server.
 */
export function mergedKubeconfig(existing: string | undefined, logins: ReadonlyMap<string, KubeconfigContext>): string {
  const before = existing === undefined || existing.trim() === "" ? EMPTY : parseKubeconfig(existing);
  for (const [name, { server }] of logins) {
    const there = textAt(
      before.clusters.find((one) => one.name === name),
      "cluster",
      "server",
    );
    if (there !== undefined && there.replace(/\/$/, "") !== server)
      throw new Error(`has another cluster named ${name}: ${there} instead of ${server}`);
  }
  const others = (list: Kubeconfig["clusters"]) => list.filter(({ name }) => !logins.has(name));
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

const EMPTY: Kubeconfig = { apiVersion: "v1", kind: "Config", clusters: [], users: [], contexts: [] };
