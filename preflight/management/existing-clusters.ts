import { KINDS } from "../../kubernetes/kinds.ts";
import { STACK_LABEL } from "../../manifests/manifest.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { type ManagementContext, managementOf } from "./management-client.ts";

/** Names of the clusters of the stack `identity`, which is `<project>.<stack>`, that exist. @throws Inconclusive */
export async function existingClusters(context: ManagementContext, identity: string): Promise<ReadonlySet<string>> {
  const reader = await managementOf(context);
  const selector = `${STACK_LABEL}=${identity}`;
  const found = await reader.list(KINDS.ClusterDeployment, { namespace: NAMESPACE, selector });
  return new Set((found ?? []).map(({ metadata }) => metadata.name));
}
