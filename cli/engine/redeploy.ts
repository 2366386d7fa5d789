import { execa } from "execa";
import { findTools, TOOL_NAMES, type ToolPaths } from "../../sandbox/ensure-tools.ts";
import { Failure } from "../output/failure.ts";
import { print } from "../output/print.ts";
import { PROJECT } from "../stack/paths.ts";
import { usesSandbox } from "../stack/stack-file.ts";
import { openEngine } from "./engine.ts";

/**
 * Makes again what went with a cluster (its ClusterDeployment, and the Secret and trust bundle that CAPX deleted with it): the
 * state is told what is gone, then an up makes it anew. A stack on a sandbox has its engine here; another one your own Pulumi.
 *
 * @throws Failure that says how to do it by hand where Pulumi is not here, or fails.
 */
export async function redeploy(stack: string): Promise<void> {
  if (usesSandbox(stack)) {
    const { paths, missing } = await findTools(TOOL_NAMES);
    if (missing.length > 0) throw new Failure(`tools: ${missing.join(", ")} are missing; get them with npm run tools`);
    const { pulumi, helm } = paths as ToolPaths;
    const engine = await openEngine({ stack, pulumi, helm });
    await engine.refresh();
    const { changes } = await engine.up();
    print(`stack ${stack}: ${changes.create ?? 0} created, ${changes.update ?? 0} updated`);
    return;
  }
  const words = ["up", "--refresh", "--stack", stack];
  const { failed } = await execa("pulumi", words, { cwd: PROJECT, stdio: "inherit", reject: false });
  if (failed)
    throw new Failure(`the cluster is removed and not deployed again; do it with \`pulumi ${words.join(" ")}\``);
}
