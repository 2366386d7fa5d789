import type pulumi from "@pulumi/pulumi";
import { unmanagedSelector } from "../../manifests/conflicts.ts";
import { STACK_LABEL } from "../../manifests/manifest.ts";
import type { ManagementConnection } from "../management-connection.ts";
import { errorHook } from "./hooks.ts";
import { log } from "./log.ts";
import { stackIdentity } from "./with-ownership.ts";

/** What kcm manages for other stacks, and what is deleted with kcm. */
const KINDS = ["ClusterDeployment", "Credential"] as const;
/** How many objects a message names. */
const NAMED = 10;

/**
 * Names the clusters and credentials of other stacks that block the deletion of Management: kcm rejects it and names none.
 * CAPX and kcm, which are deleted after Management, then stay too. Only a destroy with --run-program has the hook.
 */
export function explainBlockedDelete(name: string, connection: ManagementConnection): pulumi.ErrorHook[] {
  const identity = stackIdentity();
  return errorHook(`${name}-explain-blocked-delete`, async ({ failedOperation }) => {
    if (failedOperation !== "delete") return;
    const others = await objectsOfOthers(connection, identity).catch(() => []);
    if (others.length > 0) await log.error(blockedBy(others));
  });
}

async function objectsOfOthers(connection: ManagementConnection, identity: string): Promise<string[]> {
  const api = await connection.api();
  const apiVersion = "k0rdent.mirantis.com/v1beta1";
  const lists = await Promise.all(
    KINDS.map((kind) => api.list({ apiVersion, kind }, { labelSelector: unmanagedSelector(identity) })),
  );
  return lists
    .flatMap((list) => list ?? [])
    .map(({ kind, metadata: { name, namespace, labels } }) => {
      const owner = labels?.[STACK_LABEL];
      return `${kind} ${namespace}/${name}${owner === undefined ? "" : ` of the stack ${owner}`}`;
    });
}

function blockedBy(others: readonly string[]): string {
  const rest = others.length - NAMED;
  const named = [...others.slice(0, NAMED), ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
  return `Management kcm, CAPX and kcm are not deleted, because objects that this stack does not manage need them: ${named}; delete those first, with the stack that created them, and destroy again`;
}
