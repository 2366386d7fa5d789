import { KINDS } from "../../kubernetes/kinds.ts";
import { STACK_LABEL } from "../../manifests/manifest.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { type ConnectionContext, managementOf } from "./connection.ts";

/**
 * Names of the clusters of the stack `identity`, which is `<project>.<stack>`, that the management cluster has already.
 *
 * @throws NotKnown where it cannot be asked.
 */
export async function existingClusters(context: ConnectionContext, identity: string): Promise<ReadonlySet<string>> {
  const reader = await managementOf(context);
  const selector = `${STACK_LABEL}=${identity}`;
  const found = await reader.list(KINDS.ClusterDeployment, { namespace: NAMESPACE, selector });
  return new Set((found ?? []).map(({ metadata }) => metadata.name));
}
