import pulumi from "@pulumi/pulumi";
import { foreignSelector } from "../manifests/foreign.ts";
import { STACK_LABEL } from "../manifests/manifest.ts";
import type { ManagementCluster } from "./management-cluster.ts";
import { stackIdentity } from "./ownership.ts";
import { isMocked } from "./test-runtime.ts";

/** What kcm manages for somebody, and what goes with kcm. */
const KINDS = ["ClusterDeployment", "Credential"] as const;
/** More names than these make a sentence that nobody reads. */
const NAMED = 10;

/**
 * Hook that leaves Management, and with it CAPX and kcm, standing while somebody else's clusters or credentials are in the
 * management cluster: all of them would lose what manages them. kcm itself refuses for clusters only, and names none.
 *
 * @throws Error in the hook, naming what is there.
 */
export function keptForOthers(cluster: ManagementCluster): { beforeDelete?: pulumi.ResourceHook[] } {
  // Pulumi's test runtime takes no hooks: a consumer's unit tests would end here.
  if (isMocked()) return {};
  const identity = stackIdentity();
  const hook = new pulumi.ResourceHook("leave Management standing for others", async () => {
    const api = await cluster.api();
    const apiVersion = "k0rdent.mirantis.com/v1beta1";
    const lists = await Promise.all(KINDS.map((kind) => api.list({ apiVersion, kind }, foreignSelector(identity))));
    const others = lists.flat().map(({ kind, metadata: { name, namespace, labels } }) => {
      const owner = labels?.[STACK_LABEL];
      return `${kind} ${namespace}/${name}${owner === undefined ? "" : ` of the stack ${owner}`}`;
    });
    if (others.length > 0) throw new Error(refusal(others));
  });
  return { beforeDelete: [hook] };
}

function refusal(others: readonly string[]): string {
  const rest = others.length - NAMED;
  const named = [...others.slice(0, NAMED), ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
  return `Management kcm, CAPX and kcm stay, because somebody else's objects need them: ${named}; delete those first, by the stack that made them where one is named, and destroy again`;
}
