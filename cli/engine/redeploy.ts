import { execa } from "execa";
import { findTools, TOOL_NAMES, type ToolPaths } from "../../sandbox/ensure-tools.ts";
import { Failure } from "../output/failure.ts";
import { print } from "../output/print.ts";
import { PROJECT } from "../stack/paths.ts";
import { usesSandbox } from "../stack/stack-file.ts";
import { referenceOf } from "../stack/stack-reference.ts";
import { openEngine } from "./engine.ts";

/**
 * Recreates what was deleted with a cluster (its ClusterDeployment, and the Secret and trust bundle that CAPX deletes with it):
 * a refresh, then an up. A stack on a sandbox runs under this project's engine, another one under your own Pulumi.
 *
 * @throws Failure with the command to run by hand where Pulumi is missing or fails.
 */
export async function redeploy(stack: string): Promise<void> {
  if (usesSandbox(stack)) {
    const { paths, missing } = await findTools(TOOL_NAMES);
    if (missing.length > 0) throw new Failure(`tools: ${missing.join(", ")} are missing; get them with npm run tools`);
    const engine = await openEngine({ stack, tools: paths as ToolPaths });
    await engine.refresh();
    const { changes } = await engine.up();
    print(`stack ${stack}: ${changes.create ?? 0} created, ${changes.update ?? 0} updated`);
    return;
  }
  const words = ["up", "--refresh", "--stack", referenceOf(stack)];
  const { failed } = await execa("pulumi", words, { cwd: PROJECT, stdio: "inherit", reject: false });
  if (failed)
    throw new Failure(`the cluster is removed and not deployed again; do it with \`pulumi ${words.join(" ")}\``);
}
