import { gunzipSync } from "node:zlib";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";

/** One revision of a Helm release, as Helm itself keeps it in a Secret. */
export interface HelmRecord {
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  /** `deployed`, `superseded`, `failed`, `pending-install`, … */
  readonly status: string;
  readonly description: string;
  /** Chart and version, like `kcm-1.2.0`. */
  readonly chart: string;
  /** The Secret that holds the record. */
  readonly secret: string;
}

/** All revisions of all releases in a namespace. */
export async function helmRecords(client: KubernetesClient, namespace: string): Promise<HelmRecord[]> {
  const secrets = await client.list({ ...KINDS.Secret, namespace }, { labelSelector: "owner=helm" });
  return secrets.map(helmRecord).filter((record): record is HelmRecord => record !== undefined);
}

/** Reads Helm's own record out of its Secret; undefined where the Secret holds something else. */
export function helmRecord(secret: KubernetesObject): HelmRecord | undefined {
  const { name: secretName, namespace = "", labels = {} } = secret.metadata;
  const match = /^sh\.helm\.release\.v1\.(.+)\.v(\d+)$/.exec(secretName);
  if (match?.[1] === undefined) return undefined;
  const release = decode(secret.data?.release);
  const info = field(release, "info");
  const metadata = field(field(release, "chart"), "metadata");
  return {
    namespace,
    name: match[1],
    revision: Number(match[2]),
    status: text(field(info, "status")) || (labels.status ?? "unknown"),
    description: text(field(info, "description")),
    chart: [text(field(metadata, "name")), text(field(metadata, "version"))].filter(Boolean).join("-"),
    secret: secretName,
  };
}

/** The newest revision of each release. */
export function newestRecords(records: readonly HelmRecord[]): HelmRecord[] {
  const newest = new Map<string, HelmRecord>();
  for (const record of records) {
    const key = releaseKey(record);
    if ((newest.get(key)?.revision ?? 0) < record.revision) newest.set(key, record);
  }
  return [...newest.values()];
}

/** `namespace/name`, by which releases are told apart. */
export function releaseKey({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}

/** Base64 of Kubernetes, base64 of Helm, gzip, JSON. */
function decode(data: string | undefined): unknown {
  try {
    const packed = Buffer.from(Buffer.from(data ?? "", "base64").toString("latin1"), "base64");
    return JSON.parse(gunzipSync(packed).toString("utf8"));
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
