import { gunzipSync } from "node:zlib";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";

/** A Helm release at its newest revision, which Helm keeps in a Secret. */
export interface InstalledRelease {
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  /** `deployed`, `failed`, `pending-install`, … */
  readonly status: string;
  readonly description: string;
  /** Chart and version, like `kcm-1.2.0`. */
  readonly chart: string;
}

export async function helmReleases(client: KubernetesClient, namespace: string): Promise<InstalledRelease[]> {
  const secrets = await client.list({ ...KINDS.Secret, namespace }, { labelSelector: "owner=helm" });
  const newest = new Map<string, InstalledRelease>();
  for (const release of secrets.map(readRelease)) {
    if ((newest.get(release.name)?.revision ?? 0) < release.revision) newest.set(release.name, release);
  }
  return [...newest.values()];
}

function readRelease({ metadata: { namespace = "", labels = {} }, data }: KubernetesObject): InstalledRelease {
  const { info, chart } = decode(data?.release);
  return {
    namespace,
    name: labels.name ?? "",
    revision: Number(labels.version),
    status: labels.status ?? "unknown",
    description: info?.description ?? "",
    chart: [chart?.metadata?.name, chart?.metadata?.version].filter(Boolean).join("-"),
  };
}

interface Content {
  info?: { description?: string };
  chart?: { metadata?: { name?: string; version?: string } };
}

/** Base64 of Kubernetes, base64 of Helm, gzip, JSON; empty where it is something else. */
function decode(data = ""): Content {
  try {
    const packed = Buffer.from(Buffer.from(data, "base64").toString("latin1"), "base64");
    return JSON.parse(gunzipSync(packed).toString("utf8"));
  } catch {
    return {};
  }
}
