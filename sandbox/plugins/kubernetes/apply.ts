import { isMap, type Value, type ValueMap } from "../property-values.ts";
import { ApiError } from "./api-client.ts";
import { managedFields, ownersOf } from "./field-managers.ts";
import { resourceOf } from "./live-object.ts";
import { annotation, nameOf, namespaceOf } from "./object-names.ts";
import type { Write } from "./writes.ts";

/** Server-side apply; `live` is the object that is there. */
export async function apply(write: Write, live: ValueMap | undefined): Promise<ValueMap> {
  const resource = await resourceOf(write.client, write.inputs);
  const path = write.client.path(resource, {
    namespace: namespaceOf(write.inputs),
    name: live ? nameOf(live) : nameOf(write.inputs),
  });
  const query = `fieldManager=${encodeURIComponent(write.fieldManager)}&force=${isForced(write, live)}${dryRun(write)}`;
  try {
    return await write.client.call({
      method: "PATCH",
      path: `${path}?${query}`,
      body: write.inputs,
      contentType: "application/apply-patch+yaml",
    });
  } catch (error) {
    throw explainConflict(error, write.fieldManager);
  }
}

export function dryRun(write: Write): string {
  return write.preview ? "&dryRun=All" : "";
}

/** An ignored field keeps its live value, or is left to its other manager. */
export function keepLive(inputs: ValueMap, field: { live: ValueMap; path: string; manager: string }): ValueMap {
  const steps = field.path.split(".");
  const owners = ownersOf(field.live, field.manager, steps);
  if (owners.others && !owners.ours) {
    return setAt(inputs, steps, undefined);
  }
  const value = steps.reduce<Value | undefined>((node, step) => (isMap(node) ? node[step] : undefined), field.live);
  return value === undefined ? inputs : setAt(inputs, steps, value);
}

function setAt(map: ValueMap, [step = "", ...rest]: readonly string[], value: Value | undefined): ValueMap {
  const copy = { ...map };
  const next = copy[step];
  const changed = rest.length === 0 ? value : setAt(isMap(next) ? next : {}, rest, value);
  if (changed === undefined) {
    delete copy[step];
  } else {
    copy[step] = changed;
  }
  return copy;
}

function isForced(write: Write, live: ValueMap | undefined): boolean {
  if (annotation(write.inputs, "patchForce") === "true" || write.patchForce) {
    return true;
  }
  if (!live) {
    return write.preview;
  }
  const ours = managedFields(live).some(
    (entry) =>
      entry["operation"] === "Update" && /^pulumi-(resource-)?kubernetes(\.exe)?$/.test(String(entry["manager"])),
  );
  return managedFields(live).length === 0 || (write.preview && ours);
}

function explainConflict(error: unknown, fieldManager: string): unknown {
  if (!(error instanceof ApiError) || error.code !== 409) {
    return error;
  }
  const message = `server-side apply field conflict detected; annotate the object with pulumi.com/patchForce: "true" to take the fields over\nThe resource managed by field manager "${fieldManager}" had an apply conflict: ${error.message}`;
  return new ApiError(409, { message, reason: error.reason });
}
