import type { KubeconfigLogin } from "../../operations/kubeconfig-merge.ts";
import { mergedKubeconfig } from "../../operations/kubeconfig-merge.ts";
import { type LiveObject, textAt } from "../../operations/live-object.ts";
import { readiness } from "../../operations/readiness.ts";
import { Failure } from "../output/failure.ts";
import { age, causeText, coloured } from "../output/tree.ts";
import { openApiServer } from "./api-server.ts";

const NAME = "cluster";

/** Opens a cluster and tells its nodes, a line each; `isWell` is false where it does not answer. */
export async function nodesText(login: KubeconfigLogin, now: string): Promise<{ isWell: boolean; text: string }> {
  try {
    const kubeconfig = mergedKubeconfig(undefined, new Map([[NAME, login]]));
    const server = await openApiServer({ kubeconfig, name: "kubeconfig" });
    const { code, body } = await server.ask("/api/v1/nodes");
    if (code !== 200)
      return { isWell: false, text: `  ${textAt(body, "message") ?? `the API server answered ${code}`}` };
    const nodes = (body as { items: LiveObject[] }).items;
    if (nodes.length === 0) return { isWell: true, text: "  it answers, and has no nodes" };
    return { isWell: true, text: nodes.map((node) => `  ${nodeText({ ...node, kind: "Node" }, now)}`).join("\n") };
  } catch (error) {
    if (error instanceof Failure) return { isWell: false, text: `  ${error.message}` };
    throw error;
  }
}

function nodeText(node: LiveObject, now: string): string {
  const { state, cause } = readiness(node);
  const why = cause === undefined ? "" : `, ${causeText(cause, now)}`;
  const facts = [textAt(node.status, "nodeInfo", "kubeletVersion"), age(node.metadata.creationTimestamp, now)];
  return [node.metadata.name, coloured(state, `${state}${why}`), facts.filter(Boolean).join(", ")]
    .filter(Boolean)
    .join("  ");
}
