/** The management cluster that the state of a stack records. */
import { join } from "node:path";
import { CLUSTER_MEMORY } from "../../manifests/names.ts";
import { jsonOf } from "../../policy/rules/plain-values.ts";
import type { RecordedCluster } from "../../preflight/check.ts";
import { readState, type State, stateOf } from "../engine/state.ts";
import { LOCAL } from "./paths.ts";
import { usesSandbox } from "./stack-file.ts";
import { runPulumi } from "./user-engine.ts";

export function recordedClusterOf({ resources = [] }: State): RecordedCluster {
  const uid = resources.find(({ urn }) => urn.endsWith(`-${CLUSTER_MEMORY}`))?.outputs?.["output"];
  return { uid: typeof uid === "string" ? uid : undefined };
}

/** The recorded cluster of a stack in the user's own backend; undefined where the state is not readable. */
export async function readRecordedCluster(stack: string, project: string): Promise<RecordedCluster | undefined> {
  if (usesSandbox(stack)) {
    const location = { state: join(LOCAL, "state"), project, stack };
    return readState(location).then(recordedClusterOf, () => undefined);
  }
  // Its secrets stay encrypted, and it stays in memory.
  const { output } = await runPulumi(stack, ["stack", "export"]);
  const answer = jsonOf(output) as { deployment?: State | null } | null | undefined;
  return answer ? recordedClusterOf(stateOf(answer.deployment)) : undefined;
}
