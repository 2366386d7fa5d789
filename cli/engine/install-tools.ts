import { ensureTools, findTools, TOOL_NAMES, ToolError, type ToolPaths } from "../../sandbox/ensure-tools.ts";
import { runSteps } from "../output/steps.ts";

export type InstalledTools = { readonly paths: ToolPaths } | { readonly paths: undefined; readonly reason: string };

/** Every tool, installed where it is missing; where one is not available, the reason and the remedy for each. */
export async function installTools(signal: AbortSignal): Promise<InstalledTools> {
  let tools: InstalledTools = { paths: undefined, reason: "tools: not resolved" };
  await runSteps(
    [
      {
        title: "tools: resolving",
        run: async ({ say, title }) => {
          const { missing } = await findTools(TOOL_NAMES);
          if (missing.length > 0) title(`tools: installing ${missing.join(", ")}, once`);
          try {
            const paths = await ensureTools(TOOL_NAMES, { report: say, signal });
            // Where it cannot be downloaded, a stand-in takes its place.
            await ensureTools(["pulumi-resource-random"], { signal }).catch(toolErrorOf);
            tools = { paths };
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
