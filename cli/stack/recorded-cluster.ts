/** The management cluster that the state of a stack records. */
import { join } from "node:path";
import { execa } from "execa";
import { CLUSTER_MEMORY } from "../../manifests/names.ts";
import type { RecordedCluster } from "../../preflight/check.ts";
import { findTools } from "../../sandbox/ensure-tools.ts";
import { readState, type State } from "../engine/state.ts";
import { LOCAL, PROJECT } from "./paths.ts";
import { usesSandbox } from "./stack-file.ts";

export function recordedClusterOf({ resources = [] }: State): RecordedCluster {
  const uid = resources.find(({ urn }) => urn.endsWith(`-${CLUSTER_MEMORY}`))?.outputs?.["output"];
  return { uid: typeof uid === "string" ? uid : undefined };
}

/** The recorded cluster of a stack in the user's own backend; undefined where the state is not readable. */
export async function readRecordedCluster(stack: string, project: string): Promise<RecordedCluster | undefined> {
  if (usesSandbox(stack)) return recordedClusterOf(await readState({ state: join(LOCAL, "state"), project, stack }));
  const { paths } = await findTools(["pulumi"]);
  if (paths.pulumi === undefined) return undefined;
  const args = ["stack", "export", "--stack", stack, "--non-interactive"];
  // Its secrets stay encrypted, and it stays in memory.
  const { stdout, failed } = await execa(paths.pulumi, args, { cwd: PROJECT, reject: false });
  if (failed) return undefined;
  return recordedClusterOf((JSON.parse(stdout) as { deployment?: State | null }).deployment ?? {});
}
