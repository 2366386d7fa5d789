import { AsyncLocalStorage } from "node:async_hooks";
import pulumi from "@pulumi/pulumi";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { unmanagedSelector } from "../../manifests/conflicts.ts";
import { STACK_LABEL } from "../../manifests/manifest.ts";
import type { ManagementConnection } from "../management-connection.ts";
import { withHooks } from "./hooks.ts";
import { stackIdentity } from "./with-ownership.ts";

/** What kcm manages for somebody, and what goes with kcm. */
const KINDS = ["ClusterDeployment", "Credential"] as const;
/** More names than these make a sentence that nobody reads. */
const NAMED = 10;

/**
 * Hook that names whose clusters and credentials keep Management standing, once kcm has refused to delete it: kcm names none.
 * What comes after Management in a destroy, CAPX and kcm, then stays too. Only a destroy with --run-program has the hook.
 */
export function explainBlockedDelete(cluster: ManagementConnection): { hooks: pulumi.ResourceHookBinding } {
  const identity = stackIdentity();
  // The engine calls back from outside the program, where an inline program's log leads nowhere.
  const inProgram = AsyncLocalStorage.snapshot();
  const name = async ({ failedOperation }: pulumi.ErrorHookArgs) => {
    if (failedOperation !== "delete") return false;
    const others = await othersObjects(await cluster.api(), identity).catch(() => []);
    if (others.length > 0) await pulumi.log.error(refusal(others));
    return false;
  };
  return withHooks(() => ({
    onError: [new pulumi.ErrorHook("whose objects keep Management", (args) => inProgram(name, args))],
  }));
}

async function othersObjects(api: KubernetesClient, identity: string): Promise<string[]> {
  const apiVersion = "k0rdent.mirantis.com/v1beta1";
  const lists = await Promise.all(
    KINDS.map((kind) => api.list({ apiVersion, kind }, { labelSelector: unmanagedSelector(identity) })),
  );
  return lists.flat().map(({ kind, metadata: { name, namespace, labels } }) => {
    const owner = labels?.[STACK_LABEL];
    return `${kind} ${namespace}/${name}${owner === undefined ? "" : ` of the stack ${owner}`}`;
  });
}

function refusal(others: readonly string[]): string {
  const rest = others.length - NAMED;
  const named = [...others.slice(0, NAMED), ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
  return `Management kcm, CAPX and kcm stay, because somebody else's objects need them: ${named}; delete those first, by the stack that made them where one is named, and destroy again`;
}
