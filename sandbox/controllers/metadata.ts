import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject, OwnerReference } from "../../kubernetes/object.ts";
import { COMPONENT_LABEL } from "./informers.ts";

type AnyObject = KubernetesObject<unknown, unknown>;

/** Adds kcm's label, and a finalizer, where they are missing; true when the object had both. */
export async function ensureMetadata(
  client: KubernetesClient,
  object: AnyObject,
  finalizer?: string,
): Promise<boolean> {
  const { finalizers = [], labels, resourceVersion } = object.metadata;
  const isMissing = finalizer !== undefined && !finalizers.includes(finalizer);
  if (!isMissing && labels?.[COMPONENT_LABEL] === "kcm") return true;
  const change = {
    labels: { [COMPONENT_LABEL]: "kcm" },
    ...(isMissing ? { finalizers: [...finalizers, finalizer], resourceVersion } : {}),
  };
  await client.merge(object, { metadata: change });
  return false;
}

/** How dependents name their owner. */
export function ownerOf({ apiVersion, kind, metadata: { name, uid = "" } }: AnyObject): OwnerReference {
  return { apiVersion, kind, name, uid };
}

export async function removeFinalizer(client: KubernetesClient, object: AnyObject, finalizer: string): Promise<void> {
  const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  await client.merge(object, { metadata: { finalizers } });
}
