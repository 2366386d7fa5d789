import type pulumi from "@pulumi/pulumi";
import type { ObjectReference } from "../../kubernetes/object.ts";
import { CAPX_RELEASE, NAMESPACE } from "../../manifests/names.ts";
import type { ManagementConnection } from "../management-connection.ts";
import { resourceHook } from "./hooks.ts";
import { log } from "./log.ts";

/** What Helm requires of an existing object before a release adopts it. */
const MARKERS = {
  labels: { "app.kubernetes.io/managed-by": "Helm" },
  annotations: { "meta.helm.sh/release-name": CAPX_RELEASE, "meta.helm.sh/release-namespace": NAMESPACE },
} as const;

/**
 * Adds Helm's markers to existing objects of the release right before its installation: Pulumi's provider has no flag for it at
 * this version, and Helm rejects objects without them.
 */
export function takeOwnership(
  name: string,
  connection: ManagementConnection,
  objects: readonly ObjectReference[],
): pulumi.ResourceHook[] {
  return resourceHook(`${name}-take-ownership`, async () => {
    const api = await connection.api();
    await Promise.all(
      objects.map(async (reference) => {
        if ((await api.get(reference)) === undefined) return;
        await api.merge(reference, { metadata: { ...reference.metadata, ...MARKERS } });
        await log.info(`${reference.kind} ${reference.metadata.name}: adopted by the Helm release ${CAPX_RELEASE}`);
      }),
    );
  });
}
