import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { parse } from "yaml";

export interface Connection {
  server: string;
  ca: string | undefined;
  cert: string | undefined;
  key: string | undefined;
  token: string | undefined;
  insecure: boolean;
  serverName: string | undefined;
  namespace: string;
}

type Fields = Record<string, unknown>;
interface Document {
  "current-context"?: string;
  clusters?: { name: string; cluster: Fields }[];
  contexts?: { name: string; context: Fields }[];
  users?: { name: string; user: Fields }[];
}
export interface Overrides {
  context: string | undefined;
  cluster: string | undefined;
}

/** Text of a kubeconfig that is given as text or as a path; "~" is the home folder. */
export function kubeconfigText(pathOrText: string): string {
  const path = pathOrText.replace(/^~(?=$|\/)/, homedir());
  return path.length < 4096 && !path.includes("\n") && existsSync(path) ? readFileSync(path, "utf8") : pathOrText;
}

/** The cluster entry that is in use, for comparing; undefined: there is none. */
export function activeCluster(pathOrText: string, overrides: Overrides): Fields | undefined {
  const document = read(pathOrText);
  const context = contextOf(document, overrides.context);
  const name = overrides.cluster ?? context?.["cluster"];
  return document.clusters?.find((entry) => entry.name === name)?.cluster;
}

/** @throws Error that says what is missing */
export function connection(pathOrText: string, overrides: Overrides): Connection {
  const document = read(pathOrText);
  const context = contextOf(document, overrides.context);
  const cluster = activeCluster(pathOrText, overrides);
  if (!context || typeof cluster?.["server"] !== "string") {
    throw new Error(`context "${overrides.context ?? document["current-context"] ?? ""}" does not exist`);
  }
  const user = document.users?.find((entry) => entry.name === context["user"])?.user ?? {};
  return {
    server: cluster["server"].replace(/\/$/, ""),
    ca: inlineOrFile(cluster, "certificate-authority"),
    cert: inlineOrFile(user, "client-certificate"),
    key: inlineOrFile(user, "client-key"),
    token: text(user["token"]) ?? file(user["tokenFile"]),
    insecure: cluster["insecure-skip-tls-verify"] === true,
    serverName: text(cluster["tls-server-name"]),
    namespace: text(context["namespace"]) ?? "default",
  };
}

export function isLoopback(server: string): boolean {
  const host = new URL(server).hostname.replace(/^\[|\]$/g, "");
  return host === "localhost" || host.endsWith(".localhost") || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function read(pathOrText: string): Document {
  const document: unknown = parse(kubeconfigText(pathOrText));
  if (typeof document !== "object" || document === null) {
    throw new Error("the kubeconfig is neither a file nor a document");
  }
  return document as Document;
}

function contextOf(document: Document, wanted: string | undefined): Fields | undefined {
  const name = wanted ?? document["current-context"];
  return document.contexts?.find((entry) => entry.name === name)?.context;
}

function inlineOrFile(fields: Fields, key: string): string | undefined {
  const data = text(fields[`${key}-data`]);
  return data ? Buffer.from(data, "base64").toString() : file(fields[key]);
}

function file(path: unknown): string | undefined {
  return typeof path === "string" ? readFileSync(path, "utf8") : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
