import pulumi from "@pulumi/pulumi";
import { CLUSTER_MEMORY } from "../../manifests/names.ts";

/** What this stack's state records of its management cluster, read through the engine; undefined where that is not possible. */
export async function recordedClusterUid(): Promise<{ uid: string | undefined } | undefined> {
  try {
    const stackName = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
    const result = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
    const resources = (result as { outputs?: Record<string, { outputs?: { output?: unknown } }> }).outputs;
    if (resources === undefined) return undefined;
    const [, memory] = Object.entries(resources).find(([urn]) => urn.endsWith(CLUSTER_MEMORY)) ?? [];
    const uid = memory?.outputs?.output;
    return { uid: typeof uid === "string" ? uid : undefined };
  } catch {
    return undefined;
  }
}
