import { AsyncLocalStorage } from "node:async_hooks";
import pulumi from "@pulumi/pulumi";
import type { ObjectReference } from "../../kubernetes/object.ts";
import { CAPX_RELEASE, NAMESPACE } from "../../manifests/names.ts";
import type { ManagementConnection } from "../management-connection.ts";
import { withHooks } from "./hooks.ts";

/** What Helm looks for before it takes an existing object into a release. */
const MARKERS = {
  labels: { "app.kubernetes.io/managed-by": "Helm" },
  annotations: { "meta.helm.sh/release-name": CAPX_RELEASE, "meta.helm.sh/release-namespace": NAMESPACE },
} as const;

/**
 * Puts Helm's own markers on the release's objects that exist already, right before the release is installed: Pulumi's
 * provider has no flag for it at this version, and Helm refuses unmarked objects.
 */
export function takeOwnership(
  cluster: ManagementConnection,
  objects: readonly ObjectReference[],
): { hooks: pulumi.ResourceHookBinding } {
  // The engine calls back from outside the program, where an inline program's log leads nowhere.
  const inProgram = AsyncLocalStorage.snapshot();
  const take = async () => {
    const api = await cluster.api();
    await Promise.all(
      objects.map(async (reference) => {
        const found = await api.get(reference);
        if (found === undefined) return;
        await api.merge(reference, { metadata: { ...reference.metadata, ...MARKERS } });
        await pulumi.log.info(
          `${reference.kind} ${reference.metadata.name} is taken over by the Helm release ${CAPX_RELEASE}`,
        );
      }),
    );
  };
  return withHooks(() => ({
    beforeCreate: [new pulumi.ResourceHook(`take ownership for ${CAPX_RELEASE}`, () => inProgram(take))],
  }));
}
