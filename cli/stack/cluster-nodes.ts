import { connectKubernetes } from "../../kubernetes/client.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import { type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import { readiness } from "../../kubernetes/readiness.ts";
import type { KubeconfigLogin } from "../../operations/kubeconfig-merge.ts";
import { mergedKubeconfig } from "../../operations/kubeconfig-merge.ts";
import { isExplained } from "../output/failure.ts";
import { age, causeText, coloured } from "../output/tree.ts";

const NAME = "cluster";

/** Opens a cluster and tells its nodes, a line each; `isWell` is false where it does not answer. */
export async function nodesText(login: KubeconfigLogin, now: string): Promise<{ isWell: boolean; text: string }> {
  try {
    const kubeconfig = mergedKubeconfig(undefined, new Map([[NAME, login]]));
    const nodes = await (await connectKubernetes({ kubeconfig })).list(KINDS.Node);
    if (nodes.length === 0) return { isWell: true, text: "  it answers, and has no nodes" };
    return { isWell: true, text: nodes.map((node) => `  ${nodeText(node, now)}`).join("\n") };
  } catch (error) {
    if (isExplained(error)) return { isWell: false, text: `  ${error.message}` };
    throw error;
  }
}

function nodeText(node: KubernetesObject, now: string): string {
  const {
    status: state,
    causes: [cause],
  } = readiness(node);
  const why = cause === undefined ? "" : `, ${causeText(cause, now)}`;
  const facts = [textAt(node.status, "nodeInfo", "kubeletVersion"), age(node.metadata.creationTimestamp, now)];
  return [node.metadata.name, coloured(state, `${state}${why}`), facts.filter(Boolean).join(", ")]
    .filter(Boolean)
    .join("  ");
}
