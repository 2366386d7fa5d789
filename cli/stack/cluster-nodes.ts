import { connectKubernetes } from "../../kubernetes/client.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubeconfigContext } from "../../kubernetes/kubeconfig.ts";
import { mergedKubeconfig } from "../../kubernetes/kubeconfig-merge.ts";
import { type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import { readiness } from "../../kubernetes/readiness.ts";
import { printableLine } from "../../policy/rules/printable.ts";
import { isExplained } from "../output/failure.ts";
import { age, causeText, coloured } from "../output/tree.ts";

/** Connects to a cluster and lists its nodes, one per line. */
export async function nodesText(
  login: KubeconfigContext,
  now: string,
): Promise<{ isReachable: boolean; text: string }> {
  try {
    const kubeconfig = mergedKubeconfig(undefined, new Map([["cluster", login]]));
    const nodes = await (await connectKubernetes({ kubeconfig })).list(KINDS.Node);
    return { isReachable: true, text: `  ${nodes.map((node) => nodeText(node, now)).join("\n  ") || "no nodes"}` };
  } catch (error) {
    if (isExplained(error)) return { isReachable: false, text: `  ${printableLine(error.message)}` };
    throw error;
  }
}

function nodeText(node: KubernetesObject, now: string): string {
  const { status, causes } = readiness(node);
  const why = causes[0] === undefined ? "" : `, ${causeText(causes[0], now)}`;
  const facts = [textAt(node.status, "nodeInfo", "kubeletVersion"), age(node.metadata.creationTimestamp, now)];
  return [
    printableLine(node.metadata.name),
    coloured(status, `${status}${why}`),
    printableLine(facts.filter(Boolean).join(", ")),
  ]
    .filter(Boolean)
    .join("  ");
}
