import { isMap, type Value, type ValueMap } from "../property-values.ts";
import type { Gvk } from "./discovery.ts";

/** "kubernetes:apps/v1:Deployment" of a URN, taken apart; the core group is "". */
export function typeOf(urn: string): Gvk {
  const token = (urn.split("::")[2] ?? "").split("$").at(-1) ?? "";
  const [, module = "", kind = ""] = token.split(":");
  const slash = module.lastIndexOf("/");
  const group = slash < 0 ? "" : module.slice(0, slash);
  return { group: group === "core" ? "" : group, version: module.slice(slash + 1), kind };
}

export function gvkOf(object: ValueMap): Gvk {
  const [first = "", second] = String(object["apiVersion"] ?? "").split("/");
  const group = second === undefined || first === "core" ? "" : first;
  return { group, version: second ?? first, kind: String(object["kind"] ?? "") };
}

/** A Patch resource sets fields of an object that it does not own. */
export function isPatch(urn: string, object: ValueMap): boolean {
  return typeOf(urn).kind === `${object["kind"]}Patch`;
}

export function metadataOf(object: ValueMap): ValueMap {
  return isMap(object["metadata"]) ? object["metadata"] : {};
}

export function nameOf(object: ValueMap): string {
  return text(metadataOf(object)["name"]);
}

export function namespaceOf(object: ValueMap): string {
  return text(metadataOf(object)["namespace"]);
}

export function annotation(object: ValueMap, name: string): string {
  const annotations = metadataOf(object)["annotations"];
  return isMap(annotations) ? text(annotations[`pulumi.com/${name}`]) : "";
}

/** "namespace/name", or the name alone. */
export function idOf(object: ValueMap): string {
  return namespaceOf(object) ? `${namespaceOf(object)}/${nameOf(object)}` : nameOf(object);
}

export function withMetadata(object: ValueMap, fields: Record<string, Value | undefined>): ValueMap {
  const metadata: ValueMap = { ...metadataOf(object) };
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) {
      delete metadata[key];
    } else {
      metadata[key] = value;
    }
  }
  return { ...object, metadata };
}

function text(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}
