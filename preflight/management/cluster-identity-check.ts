import { KINDS } from "../../kubernetes/kinds.ts";
import { STACK_LABEL } from "../../manifests/manifest.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { type Check, fail, Inconclusive, inconclusive, pass } from "../check.ts";
import { managementOf } from "./management-client.ts";

/** Every cluster of a stack has one. */
const CONFIG_MAPS = { apiVersion: "v1", kind: "ConfigMap" };

export const CLUSTER_IDENTITY_CHECK: Check = {
  id: "management-cluster-is-unchanged",
  description:
    "it is the cluster that this stack was applied to, by the UID of kube-system or by the stack's own objects",
  scope: "stack",
  run: async (context) => {
    const reader = await managementOf(context);
    const uid = (await reader.object(KINDS.Namespace, { name: "kube-system" }))?.metadata.uid;
    if (uid === undefined) throw new Inconclusive("the namespace kube-system has no UID");
    const { recorded } = context.management;
    if (recorded?.uid === uid) return pass(`kube-system has the UID recorded in the stack, ${uid}`);
    if (recorded?.uid !== undefined) {
      return fail(
        `kube-system has UID ${uid}, and this stack was applied to ${recorded.uid}`,
        "set the kubeconfig and context of that cluster, or use another stack for this one",
      );
    }
    if (recorded !== undefined) return pass(`the stack was applied to no cluster yet; kube-system has UID ${uid}`);
    const selector = `${STACK_LABEL}=${context.identity}`;
    const own = await reader.list(CONFIG_MAPS, { namespace: NAMESPACE, selector });
    if (own !== undefined && own.length > 0) {
      return pass(`objects of ${context.identity} exist here; kube-system has UID ${uid}`);
    }
    return inconclusive(
      `no object of ${context.identity} exists here, and the stack's state was not read; kube-system has UID ${uid}`,
      "run pulumi up, which compares the UID with its state before it writes",
    );
  },
};
