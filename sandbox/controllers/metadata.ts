import type { Client, KubeObject } from "./client.ts";
import { COMPONENT_LABEL } from "./informers.ts";
import { pathOf, type Resource } from "./played-kinds.ts";

/** Adds kcm's label, and a finalizer, where they are missing; true when the object had both. */
export async function ensureMetadata(
  client: Client,
  resource: Resource,
  { object, finalizer }: { object: KubeObject; finalizer?: string },
): Promise<boolean> {
  const { finalizers = [], labels, resourceVersion } = object.metadata;
  const isMissing = finalizer !== undefined && !finalizers.includes(finalizer);
  if (!isMissing && labels?.[COMPONENT_LABEL] === "kcm") return true;
  const change = {
    labels: { [COMPONENT_LABEL]: "kcm" },
    ...(isMissing ? { finalizers: [...finalizers, finalizer], resourceVersion } : {}),
  };
  await client.merge(pathOf(resource, object), { metadata: change });
  return false;
}

export async function removeFinalizer(
  client: Client,
  resource: Resource,
  { object, finalizer }: { object: Pick<KubeObject, "metadata">; finalizer: string },
): Promise<void> {
  const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  await client.merge(pathOf(resource, object), { metadata: { finalizers } });
}
