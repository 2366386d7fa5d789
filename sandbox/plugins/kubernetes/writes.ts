import { setTimeout as sleep } from "node:timers/promises";
import { hasUnknown, isMap, type ValueMap } from "../property-values.ts";
import { type ApiClient, ApiError } from "./api-client.ts";
import { EXISTS_HELP, hasAlready, isMissing, isNamespaceMissing, NamespaceMissingError } from "./api-errors.ts";
import { apply, dryRun, keepLive } from "./apply.ts";
import { CREATE_MANAGER, takeOver } from "./field-managers.ts";
import { readLive, resourceOf } from "./live-object.ts";
import { annotation, gvkOf, isPatch, nameOf, namespaceOf, withMetadata } from "./object-names.ts";

/** One object on its way to the API server. */
export interface Write {
  client: ApiClient;
  urn: string;
  inputs: ValueMap;
  fieldManager: string;
  preview: boolean;
  upsert: boolean;
  patchForce: boolean;
  signal: AbortSignal;
  tell: (message: string) => void;
}

/** Sends a new object; what is missing (namespace, CRD) may still come: tried six times in 63 s. */
export async function createObject(write: Write): Promise<ValueMap> {
  let pause = 1;
  for (let attempt = 0; ; attempt++) {
    try {
      return await sendNew(write);
    } catch (error) {
      if (write.preview && isNamespaceMissing(error)) {
        throw new NamespaceMissingError(`namespace does not exist for "${nameOf(write.inputs)}"`);
      }
      if (!isMissing(error) || attempt >= 5 || write.signal.aborted) {
        throw hasAlready(error)
          ? new ApiError(409, { message: error.message + EXISTS_HELP, reason: error.reason })
          : error;
      }
      write.tell(`Retry #${attempt}; creation failed: ${(error as Error).message}`);
      await sleep(pause * 1000, undefined, { signal: write.signal });
      pause *= 2;
    }
  }
}

async function sendNew(write: Write): Promise<ValueMap> {
  const resource = await resourceOf(write.client, write.inputs);
  if (write.upsert || isPatch(write.urn, write.inputs)) {
    return apply(write, undefined);
  }
  const path = write.client.path(resource, { namespace: namespaceOf(write.inputs) });
  return write.client.call({
    method: "POST",
    path: `${path}?fieldManager=${CREATE_MANAGER}${dryRun(write)}`,
    body: write.inputs,
  });
}

/** Server-side apply over what is there. */
export async function updateObject(write: Write, name: string, ignoreChanges: readonly string[]): Promise<ValueMap> {
  const found = await readLive(write.client, write.inputs, name);
  if (write.inputs["kind"] === "CustomResourceDefinition") {
    return replaceObject(write, found);
  }
  const live = await adoptFields(write, found);
  const inputs = ignoreChanges.reduce(
    (kept, path) => keepLive(kept, { live, path, manager: write.fieldManager }),
    write.inputs,
  );
  return apply({ ...write, inputs }, live);
}

/** Gives up every field that `fieldManager` holds. */
export async function relinquish(client: ApiClient, object: ValueMap, fieldManager: string): Promise<void> {
  const { apiVersion, kind } = object;
  const identity = withMetadata(
    { apiVersion: apiVersion ?? "", kind: kind ?? "" },
    { name: nameOf(object), namespace: namespaceOf(object) || undefined },
  );
  const path = client.path(await resourceOf(client, object), { namespace: namespaceOf(object), name: nameOf(object) });
  await client.call({
    method: "PATCH",
    path: `${path}?fieldManager=${fieldManager}`,
    body: identity,
    contentType: "application/apply-patch+yaml",
  });
}

export async function deleteObject(client: ApiClient, object: ValueMap, inputs: ValueMap): Promise<void> {
  const policies: Record<string, string> = { orphan: "Orphan", background: "Background" };
  const propagationPolicy = policies[annotation(inputs, "deletionPropagationPolicy").toLowerCase()] ?? "Foreground";
  const path = client.path(await resourceOf(client, object), { namespace: namespaceOf(object), name: nameOf(object) });
  await client.call({ method: "DELETE", path, body: { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy } });
}

/** CRDs are replaced as a whole. */
async function replaceObject(write: Write, live: ValueMap): Promise<ValueMap> {
  const metadata = isMap(live["metadata"]) ? live["metadata"] : {};
  const body = withMetadata(write.inputs, { resourceVersion: metadata["resourceVersion"] });
  const path = write.client.path(await resourceOf(write.client, live), { name: nameOf(live) });
  return write.client.call({
    method: "PUT",
    path: `${path}?fieldManager=${encodeURIComponent(write.fieldManager)}${dryRun(write)}`,
    body,
  });
}

async function adoptFields(write: Write, live: ValueMap): Promise<ValueMap> {
  const patch = takeOver(live, write.fieldManager);
  if (write.preview || !patch || isPatch(write.urn, write.inputs)) {
    return live;
  }
  const path = write.client.path(await resourceOf(write.client, live), {
    namespace: namespaceOf(live),
    name: nameOf(live),
  });
  return write.client.call({ method: "PATCH", path, body: patch, contentType: "application/json-patch+json" });
}

/** Whether a dry run can say anything about these inputs. */
export async function canPreview(client: ApiClient | undefined, inputs: ValueMap): Promise<boolean> {
  return client !== undefined && !hasUnknown(inputs) && (await client.discovery.has(gvkOf(inputs)));
}
