import { gunzipSync } from "node:zlib";
import { isMap, type Value, type ValueMap } from "../property-values.ts";
import type { ApiClient } from "./api-client.ts";

/** A release as Helm keeps it in the cluster. */
export interface StoredRelease {
  name: string;
  namespace: string;
  revision: number;
  status: string;
  config: ValueMap;
  manifest: string;
  chart: { name: string; version: string; appVersion: string };
}

/** The newest revision of a release, out of Helm's Secrets; undefined: there is none. */
export async function storedRelease(
  client: ApiClient,
  namespace: string,
  name: string,
): Promise<StoredRelease | undefined> {
  const selector = encodeURIComponent(`owner=helm,name=${name}`);
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets?labelSelector=${selector}`;
  const { items } = await client.call({ method: "GET", path });
  const secrets = (Array.isArray(items) ? items : []).filter(isMap);
  const newest = secrets.toSorted((left, right) => revisionOf(right) - revisionOf(left))[0];
  const packed = newest && map(newest["data"])["release"];
  if (typeof packed !== "string") {
    return undefined;
  }
  const zipped = Buffer.from(Buffer.from(packed, "base64").toString(), "base64");
  const release: ValueMap = JSON.parse(gunzipSync(zipped).toString());
  const metadata = map(map(release["chart"])["metadata"]);
  return {
    name,
    namespace,
    revision: Number(release["version"]),
    status: String(map(release["info"])["status"]),
    config: map(release["config"]),
    manifest: String(release["manifest"] ?? ""),
    chart: {
      name: text(metadata["name"]),
      version: text(metadata["version"]),
      appVersion: text(metadata["appVersion"]),
    },
  };
}

function revisionOf(secret: ValueMap): number {
  return Number(map(map(secret["metadata"])["labels"])["version"]);
}

/** Names of the objects in a manifest by "Kind/version", as the real plugin tells them. */
export function resourceNames(manifest: string): ValueMap {
  const names: Record<string, string[]> = {};
  for (const document of manifest.split(/^---.*$/m)) {
    const field = (pattern: RegExp) => pattern.exec(document)?.[1]?.replace(/^["']|["']$/g, "") ?? "";
    const kind = field(/^kind: *(\S+)/m);
    const name = field(/^metadata:\n(?:(?: .*|)\n)*? {2}name: *(\S+)/m);
    if (kind && name) {
      const key = `${kind}.${field(/^apiVersion: *(\S+)/m)}`.replace(/\.v1$/, "/v1");
      const namespace = field(/^metadata:\n(?:(?: .*|)\n)*? {2}namespace: *(\S+)/m);
      names[key] = [...(names[key] ?? []), namespace ? `${namespace}/${name}` : name];
    }
  }
  return names;
}

function map(value: Value | undefined): ValueMap {
  return isMap(value) ? value : {};
}

function text(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}
