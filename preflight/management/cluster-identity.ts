import { KINDS } from "../../kubernetes/kinds.ts";
import { STACK_LABEL } from "../../manifests/manifest.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { answer, Inconclusive, type StackCheck } from "../check.ts";
import { managementOf } from "./connection.ts";

/** Every cluster of a stack has one. */
const CONFIG_MAPS = { apiVersion: "v1", kind: "ConfigMap" };

export const managementClusterIsUnchanged: StackCheck = {
  id: "management-cluster-is-unchanged",
  asks: "is it the cluster that this stack was applied to, told by the UID of kube-system or by the stack's own objects?",
  scope: "stack",
  run: async (context) => {
    const say = answer(managementClusterIsUnchanged.id);
    const reader = await managementOf(context);
    const uid = (await reader.object(KINDS.Namespace, { name: "kube-system" }))?.metadata.uid;
    if (uid === undefined) throw new Inconclusive("the namespace kube-system has no UID");
    const { remembered } = context.management;
    const first = remembered?.uid;
    if (first === uid) return [say.pass(`kube-system has the UID that the stack remembers, ${uid}`)];
    if (first !== undefined) {
      return [
        say.fail(
          `kube-system has UID ${uid} here, and this stack was applied to ${first}`,
          "name the kubeconfig and context of that cluster, or use another stack for this one",
        ),
      ];
    }
    if (remembered !== undefined) {
      return [say.pass(`the stack was applied to no cluster yet; kube-system has UID ${uid}`)];
    }
    const own = await reader.list(CONFIG_MAPS, {
      namespace: NAMESPACE,
      selector: `${STACK_LABEL}=${context.identity}`,
    });
    if (own !== undefined && own.length > 0) {
      return [say.pass(`objects of ${context.identity} are here; kube-system has UID ${uid}`)];
    }
    return [
      say.unknown(
        `no object of ${context.identity} is here, and the stack's state was not read; kube-system has UID ${uid}`,
        "pulumi up compares the UID with its state before it writes anything",
      ),
    ];
  },
};
