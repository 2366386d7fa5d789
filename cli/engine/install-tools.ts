import { ensureCrds } from "../../sandbox/crds.ts";
import {
  ensureTools,
  findTools,
  TOOL_NAMES,
  ToolError,
  type ToolName,
  type ToolPaths,
} from "../../sandbox/ensure-tools.ts";
import { runSteps } from "../output/steps.ts";

export type InstalledTools =
  /** standIns: why stand-ins take the place of released definitions. */
  | { readonly paths: ToolPaths; readonly standIns?: string | undefined }
  | { readonly paths: undefined; readonly reason: string };

/** Every tool, and the additional ones that are named, installed where missing; where one is not available, the reason and the remedy for each. */
export async function installTools(signal: AbortSignal, more: readonly ToolName[] = []): Promise<InstalledTools> {
  let tools: InstalledTools = { paths: undefined, reason: "tools: not resolved" };
  const names = [...TOOL_NAMES, ...more];
  await runSteps(
    [
      {
        title: "tools: resolving",
        run: async ({ say, title }) => {
          const { missing } = await findTools(names);
          if (missing.length > 0) title(`tools: installing ${missing.join(", ")}, once`);
          try {
            const paths = await ensureTools(names, { report: say, signal });
            // What of these cannot be downloaded has a stand-in.
            const [standIns] = await Promise.all([
              ensureCrds({ signal }),
              ensureTools(["pulumi-resource-random"], { signal }).catch(toolErrorOf),
            ]);
            tools = { paths, standIns };
            title("tools: found");
          } catch (error) {
            tools = { paths: undefined, reason: toolErrorOf(error).message };
            title("tools: not all are available");
          }
        },
      },
    ],
    signal,
  );
  return tools;
}

/** @throws what is not a ToolError. */
function toolErrorOf(error: unknown): ToolError {
  if (error instanceof ToolError) return error;
  throw error;
}
