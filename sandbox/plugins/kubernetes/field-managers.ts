import { randomBytes } from "node:crypto";
import { isMap, type Value, type ValueMap } from "../property-values.ts";
import { annotation, metadataOf } from "./object-names.ts";

/** Manager of what a plain create writes; it becomes the object's own manager in its first update. */
export const CREATE_MANAGER = "pulumi-kubernetes";

/** `Update` entries of these managers are taken over without a conflict. */
const OURS = ["kubectl", "before-first-apply", CREATE_MANAGER, "pulumi-kubernetes.exe", "pulumi-resource-kubernetes"];

/** One manager an object, so that two programs that write it are seen as two. */
export function fieldManagerOf(inputs: ValueMap, kept: string): string {
  return annotation(inputs, "patchFieldManager") || kept || `pulumi-kubernetes-${randomBytes(4).toString("hex")}`;
}

/** JSON patch that hands the fields of plain creates to `manager`; undefined: nothing to do. */
export function takeOver(live: ValueMap, manager: string): Value[] | undefined {
  const entries = managedFields(live);
  const taken = entries.filter(isOurs);
  if (taken.length === 0) {
    return undefined;
  }
  const own = entries.find((entry) => entry["manager"] === manager && entry["operation"] === "Apply");
  const fields = [...taken, ...(own ? [own] : [])].map((entry) => asMap(entry["fieldsV1"])).reduce(merge, {});
  const first = own ?? taken[0] ?? {};
  const merged: ValueMap = { ...first, manager, operation: "Apply", fieldsType: "FieldsV1", fieldsV1: fields };
  const rest = entries.filter((entry) => !isOurs(entry) && entry !== own);
  return [
    { op: "replace", path: "/metadata/managedFields", value: [...rest, merged] },
    { op: "replace", path: "/metadata/resourceVersion", value: metadataOf(live)["resourceVersion"] ?? "" },
  ];
}

/** Who writes the field: we, others, both or nobody. */
export function ownersOf(live: ValueMap, manager: string, path: readonly string[]): { ours: boolean; others: boolean } {
  const holders = managedFields(live).filter((entry) => holds(asMap(entry["fieldsV1"]), path));
  return {
    ours: holders.some((entry) => entry["manager"] === manager),
    others: holders.some((entry) => entry["manager"] !== manager),
  };
}

export function managedFields(live: ValueMap): ValueMap[] {
  const entries = metadataOf(live)["managedFields"];
  return Array.isArray(entries) ? entries.filter(isMap) : [];
}

function isOurs(entry: ValueMap): boolean {
  const known = entry["operation"] === "Update" || entry["manager"] === "kubectl";
  return known && !entry["subresource"] && OURS.includes(String(entry["manager"]));
}

function holds(fields: ValueMap, path: readonly string[]): boolean {
  const [step, ...rest] = path;
  if (step === undefined) {
    return true;
  }
  const next = fields[`f:${step}`];
  return isMap(next) && holds(next, rest);
}

function merge(left: ValueMap, right: ValueMap): ValueMap {
  const merged: ValueMap = { ...left };
  for (const [key, value] of Object.entries(right)) {
    merged[key] = merge(asMap(merged[key]), asMap(value));
  }
  return merged;
}

function asMap(value: Value | undefined): ValueMap {
  return isMap(value) ? value : {};
}
