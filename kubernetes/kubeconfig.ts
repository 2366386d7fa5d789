/** Kubeconfigs, read and merged as kubectl does. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { parse } from "yaml";
import { errorReason, KubeconfigError, type KubeconfigProblem } from "./errors.ts";
import { at, textAt } from "./object.ts";
import { yamlText } from "./yaml-text.ts";

type Fields = Readonly<Record<string, unknown>>;
type KubeconfigEntry = { readonly name: string } & Fields;

export interface Kubeconfig extends Fields {
  readonly "current-context"?: string;
  readonly clusters: readonly KubeconfigEntry[];
  readonly users: readonly KubeconfigEntry[];
  readonly contexts: readonly KubeconfigEntry[];
}

/** What a context of a kubeconfig leads to. */
export interface KubeconfigContext {
  /** Like https://127.0.0.1:6443. */
  readonly server: string;
  readonly cluster: Fields;
  readonly user: Fields;
}

/** Keys of clusters and users that name files, relative to the kubeconfig's folder. */
const FILE_KEYS = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

/**
 * Reads a kubeconfig file, or several joined as in KUBECONFIG: of entries with one name the first counts, and missing files are
 * left out. Paths in them become absolute.
 *
 * @returns its text.
 * @throws KubeconfigError where none is there, or one cannot be read.
 */
export function readKubeconfig(paths: string, folder = process.cwd()): string {
  const files = kubeconfigFiles(paths, folder);
  const present = files.filter((file) => existsSync(file));
  const [only] = present;
  if (only === undefined) throw fileError("missing", files.join(delimiter), "ENOENT");
  if (present.length === 1) return textOf(only);
  const configs = present.map((file) => parseKubeconfig(textOf(file), file));
  const merged = (key: "clusters" | "users" | "contexts") => {
    const entries = configs.flatMap((config) => config[key]).reverse();
    return [...new Map(entries.map((entry) => [entry.name, entry])).values()].reverse();
  };
  return yamlText({
    ...configs[0],
    clusters: merged("clusters"),
    users: merged("users"),
    contexts: merged("contexts"),
    "current-context": configs.map((config) => config["current-context"]).find(Boolean) ?? "",
  });
}

/** Absolute paths of the files, `~` resolved; an empty path is none, as in `KUBECONFIG=$KUBECONFIG:other`. */
export function kubeconfigFiles(paths: string, folder: string): string[] {
  const named = paths.split(delimiter).filter((path) => path !== "");
  return named.map((path) => resolve(folder, path.replace(/^~(?=\/)/, homedir())));
}

/** A file's text; rewritten only where it may name relative files. */
function textOf(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw fileError("unreadable", file, error instanceof Error && "code" in error ? String(error.code) : "unreadable");
  }
  if (!new RegExp(`\\b(${FILE_KEYS.join("|")}|command)["']?:`).test(text)) return text;
  const config = parseKubeconfig(text, file);
  const within = (list: readonly KubeconfigEntry[], key: "cluster" | "user") =>
    list.map((entry) => ({ ...entry, [key]: absolutePaths(at(entry, key), dirname(file)) }));
  return yamlText({ ...config, clusters: within(config.clusters, "cluster"), users: within(config.users, "user") });
}

function fileError(problem: KubeconfigProblem, file: string, code: string): KubeconfigError {
  return new KubeconfigError(problem, file, { reason: `cannot be read (${code})`, remedy: "set an existing file" });
}

function absolutePaths(entry: unknown, folder: string): unknown {
  const absolute = (path: string) => (path === "" || isAbsolute(path) ? path : join(folder, path));
  return Object.fromEntries(
    Object.entries((entry ?? {}) as Fields).map(([key, value]) => {
      if (FILE_KEYS.includes(key) && typeof value === "string") return [key, absolute(value)];
      // A command without a slash is looked up on PATH.
      const command = key === "exec" ? textAt(value, "command") : undefined;
      return [key, command?.includes("/") ? { ...(value as Fields), command: absolute(command) } : value];
    }),
  );
}

/** @throws KubeconfigError where the text is not a kubeconfig. */
export function parseKubeconfig(text: string, name = ""): Kubeconfig {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    const reason = `is not valid YAML (${errorReason(error)})`;
    throw new KubeconfigError("syntax", name, { reason, remedy: "set another file" });
  }
  const [version, kind] = [textAt(content, "apiVersion") || "v1", textAt(content, "kind") || "Config"];
  if (typeof content !== "object" || content === null || Array.isArray(content) || `${version} ${kind}` !== "v1 Config")
    throw new KubeconfigError("syntax", name, { reason: "is not a kubeconfig", remedy: "set another file" });
  const list = (key: string) => {
    const entries = Array.isArray(at(content, key)) ? (at(content, key) as KubeconfigEntry[]) : [];
    const names = entries.map((entry) => textAt(entry, "name"));
    if (names.includes(undefined))
      throw new KubeconfigError("syntax", name, { reason: `has an entry without name in ${key}`, remedy: "remove it" });
    const twice = names.find((one, index) => names.indexOf(one) < index);
    if (twice === undefined) return entries;
    const reason = `has "${twice}" twice in ${key}`;
    throw new KubeconfigError("syntax", name, { reason, remedy: "remove one of the two" });
  };
  return { ...content, clusters: list("clusters"), users: list("users"), contexts: list("contexts") };
}

/** Names of the contexts of a kubeconfig's text; none where it is not a kubeconfig. */
export function contextNames(text: string): string[] {
  try {
    return parseKubeconfig(text).contexts.map(({ name }) => name);
  } catch {
    return [];
  }
}

/**
 * What a context leads to: the one named, else the current one.
 *
 * @throws KubeconfigError where it names no cluster.
 */
export function contextOf(config: Kubeconfig, name = config["current-context"] ?? ""): KubeconfigContext {
  const entry = (list: readonly KubeconfigEntry[], key: "context" | "cluster" | "user", named: string | undefined) =>
    at(
      list.find((one) => one.name === named),
      key,
    ) as Fields | undefined;
  const context = entry(config.contexts, "context", name);
  const cluster = entry(config.clusters, "cluster", textAt(context, "cluster"));
  const server = textAt(cluster, "server")?.replace(/\/$/, "");
  const names = config.contexts.map((one) => one.name);
  const remedy = names.length === 0 ? "set another file" : `set one of the contexts ${names.join(", ")}`;
  const fault = (reason: string) => new KubeconfigError("context", "", { reason, remedy });
  if (name === "") throw fault(names.length === 0 ? "has no context" : "has no current-context");
  if (context === undefined) throw fault(`has no context "${name}"`);
  if (cluster === undefined || server === undefined) throw fault(`has no server for the context "${name}"`);
  if (!/^https?:$/.test(URL.parse(server)?.protocol ?? ""))
    throw fault(`has for the context "${name}" a server that is not an address like https://10.0.0.1:6443`);
  const authority = textAt(cluster, "certificate-authority-data") || textAt(cluster, "certificate-authority");
  if (authority && at(cluster, "insecure-skip-tls-verify") === true) {
    const reason = `has for the context "${name}" certificate-authority together with insecure-skip-tls-verify`;
    throw new KubeconfigError("context", "", { reason, remedy: "remove insecure-skip-tls-verify" });
  }
  return { server, cluster, user: entry(config.users, "user", textAt(context, "user")) ?? {} };
}

/** A kubeconfig for previews that have none: nothing listens there, and nothing is sent. */
export const NOWHERE = `apiVersion: v1
kind: Config
current-context: nowhere
clusters: [{name: nowhere, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: nowhere, context: {cluster: nowhere, user: nowhere}}]
users: [{name: nowhere, user: {}}]
`;
