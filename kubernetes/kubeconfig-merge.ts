/** Kubeconfigs of clusters: their logins, when these expire, and several in one file. Errors contain nothing of a login. */
import { X509Certificate } from "node:crypto";
import { KubeconfigError } from "./errors.ts";
import { contextOf, type Kubeconfig, type KubeconfigContext, parseKubeconfig } from "./kubeconfig.ts";
import { numberAt, textAt } from "./object.ts";
import { yamlText } from "./yaml-text.ts";

/** When a login expires. */
export interface Expiry {
  readonly by: "client certificate" | "token";
  /** RFC 3339. */
  readonly at: string;
}

/** What is taken of a login that a Secret holds, with the form of each value. Everything else runs programs, reads files or redirects. */
const TAKEN: Readonly<Record<"cluster" | "user", Readonly<Record<string, RegExp>>>> = {
  cluster: { server: /^https:\/\/[^\s@\\]+$/, "certificate-authority-data": /^[\w+/=\s-]+$/ },
  user: {
    "client-certificate-data": /^[\w+/=\s-]+$/,
    "client-key-data": /^[\w+/=\s-]+$/,
    token: /^[\x21-\x7e]+$/,
  },
};

/**
 * The login in a kubeconfig out of a Secret: of its current context, else of the first. Whoever may write the Secret chooses its
 * content, so only the address, the CA, a client certificate and a token are taken.
 *
 * @param source names the Secret in errors.
 * @throws KubeconfigError where it is not a kubeconfig, or has anything else; the error names the keys.
 */
export function loginOf(text: string, source: string): KubeconfigContext {
  const login = selectedContext(text, source);
  const wrong = (["cluster", "user"] as const).flatMap((part) =>
    Object.entries(login[part])
      .filter(([key, value]) => !["", false, null].includes(value as null) && !isTaken(part, key, value))
      .map(([key]) => `${part}.${/^[\w-]{1,40}$/.test(key) ? key : "…"}`),
  );
  if (wrong.length > 0)
    throw new KubeconfigError("credentials", source, {
      reason: `has ${wrong.join(", ")}, which may not come from a Secret`,
      remedy:
        "find out who wrote it: only an https server, certificate-authority-data, client-certificate-data, client-key-data and token are accepted",
    });
  const taken = (part: "cluster" | "user") =>
    Object.fromEntries(
      Object.keys(TAKEN[part]).flatMap((key) => {
        const value = textAt(login[part], key);
        return value === undefined ? [] : [[key, value]];
      }),
    );
  return { server: login.server, cluster: taken("cluster"), user: taken("user") };
}

function isTaken(part: keyof typeof TAKEN, key: string, value: unknown): boolean {
  return Object.hasOwn(TAKEN[part], key) && typeof value === "string" && TAKEN[part][key]?.test(value) === true;
}

/** The parser's own error would quote the text. */
function selectedContext(text: string, source: string): KubeconfigContext {
  try {
    const config = parseKubeconfig(text);
    const names = config.contexts.map(({ name }) => name);
    const current = config["current-context"] ?? "";
    return contextOf(config, names.includes(current) ? current : names[0]);
  } catch {
    const reason = "has no valid kubeconfig in its key value";
    throw new KubeconfigError("syntax", source, { reason, remedy: "find out what writes it" });
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
  // Every map is one to the parser: a stack file too, which must stay as it is.
  const isKubeconfig = before["kind"] === "Config" || [before.clusters, before.users, before.contexts].some(hasItems);
  if (!isKubeconfig) throw new Error("is not a kubeconfig");
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
  return yamlText(
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

const hasItems = (list: readonly unknown[]) => list.length > 0;

const EMPTY: Kubeconfig = { apiVersion: "v1", kind: "Config", clusters: [], users: [], contexts: [] };
