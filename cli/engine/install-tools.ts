import { ensureTools, findTools, TOOL_NAMES, ToolError, type ToolPaths } from "../../sandbox/ensure-tools.ts";
import { runSteps } from "../output/steps.ts";
import { downloadPlugins } from "./plugins.ts";

export type Tools = { readonly paths: ToolPaths } | { readonly paths: undefined; readonly reason: string };

/** Every tool, got where it is missing; where one cannot be had, the reason and the remedy for each. */
export async function installTools(signal: AbortSignal): Promise<Tools> {
  let tools: Tools | undefined;
  await runSteps(
    [
      {
        title: "tools: looking on PATH and in the cache",
        run: async ({ say, title }) => {
          const { missing } = await findTools(TOOL_NAMES);
          if (missing.length > 0) title(`tools: getting ${missing.join(", ")}, once for all`);
          try {
            const paths = await ensureTools(TOOL_NAMES, { report: say, signal });
            await downloadPlugins(paths.pulumi, { report: say });
            tools = { paths };
            title("tools: all here");
          } catch (error) {
            if (!(error instanceof ToolError)) throw error;
            tools = { paths: undefined, reason: error.message };
            title("tools: not all can be had");
          }
        },
      },
    ],
    signal,
  );
  return tools ?? { paths: undefined, reason: "tools: nothing was looked for" };
}
