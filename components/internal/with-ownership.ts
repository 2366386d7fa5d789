import pulumi from "@pulumi/pulumi";
import { conflictViolations, kindsOf, unmanagedSelector } from "../../manifests/conflicts.ts";
import { type Manifest, STACK_LABEL } from "../../manifests/manifest.ts";
import { formatViolations } from "../../policy/rules/violation.ts";
import type { ManagementConnection } from "../management-connection.ts";

/** Which stack an object belongs to: the value of its stack label, and the description of its Helm releases. */
export function stackIdentity(): string {
  return `${pulumi.getProject()}.${pulumi.getStack()}`;
}

/** Metadata with the stack's label, and with what to wait for where something is waited for. */
export function withOwnership(manifest: Manifest, waitFor: readonly string[] = []) {
  return {
    ...manifest.metadata,
    labels: { ...manifest.metadata.labels, [STACK_LABEL]: stackIdentity() },
    ...(waitFor.length === 0
      ? {}
      : { annotations: { ...manifest.metadata.annotations, "pulumi.com/waitFor": JSON.stringify(waitFor) } }),
  };
}

/**
 * Refuses to go on when an object of this stack's names exists and is not this stack's own: the program's provider takes up
 * what exists, which is right after an interrupted run and wrong for everybody else's objects. Asked in up only.
 *
 * @throws RunError naming every such object.
 */
export async function assertNoConflicts(cluster: ManagementConnection, manifests: readonly Manifest[]): Promise<void> {
  if (pulumi.runtime.isDryRun()) return;
  const api = await cluster.api();
  const foreign = await Promise.all(
    kindsOf(manifests).map(({ apiVersion, kind, metadata: { namespace } }) =>
      api.list(
        { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) },
        { labelSelector: unmanagedSelector(stackIdentity()) },
      ),
    ),
  );
  const faults = conflictViolations(foreign.flat(), manifests);
  if (faults.length > 0)
    throw new pulumi.RunError(formatViolations("objects of somebody else are in the way:", faults));
}
