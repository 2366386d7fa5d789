/** The guard against another management cluster: the stack's state records the UID of the namespace kube-system. */
import pulumi from "@pulumi/pulumi";
import { CLUSTER_MEMORY } from "../../manifests/names.ts";
import type { ManagementConnection } from "../management-connection.ts";
import { isTestRuntime, resourceHook } from "./hooks.ts";

/** What everything that the stack creates depends on, and the UID that is recorded. */
export interface ClusterIdentity {
  readonly record: pulumi.Stash;
  /** Fails where the connection leads to another cluster: a destroy with --run-program runs no hook before it deletes. */
  readonly uid: pulumi.Output<string | undefined>;
}

/**
 * Records the management cluster in the first up, and fails in each later one that reaches another, before anything is written.
 * A preview may not reach the cluster: it does not ask.
 */
export function clusterIdentity(
  name: string,
  connection: ManagementConnection,
  opts: pulumi.CustomResourceOptions,
): ClusterIdentity {
  const isUp = !pulumi.runtime.isDryRun() && !isTestRuntime();
  const verify = resourceHook(`${name}-verify-management-cluster`, async ({ oldInputs }) =>
    assertSame((oldInputs as { input?: string } | undefined)?.input, await connection.clusterUid()),
  );
  const record = new pulumi.Stash(
    `${name}-${CLUSTER_MEMORY}`,
    // Where the cluster is not reachable, the hook fails with the reason.
    { input: isUp ? connection.clusterUid().catch(() => "") : pulumi.unknown },
    { ...opts, ignoreChanges: isUp ? [] : ["input"], hooks: { beforeCreate: verify, beforeUpdate: verify } },
  );
  const uid = record.output.apply(async (recorded: string | undefined) => {
    // A destroy of a stack that has created nothing yet has no record.
    if (isUp && recorded !== undefined) assertSame(recorded, await connection.clusterUid());
    return recorded;
  });
  return { record, uid };
}

function assertSame(recorded: string | undefined, uid: string): void {
  if (recorded === undefined || recorded === uid) return;
  throw new pulumi.RunError(
    `management.kubeconfig: leads to the cluster whose namespace kube-system has UID ${uid}, but this stack was applied to ${recorded}; ` +
      "set the kubeconfig and context of that cluster, or use another stack for this one",
  );
}
