import type { Context } from "mocha";
import { findTools, type ToolName, type ToolPaths } from "../../sandbox/ensure-tools.ts";

/** Skips the running test, or the suite of the running `before`; the reporter prints the reason. */
export function skip(context: Context, reason: string): never {
  if (process.env["K0RDENT_NUTANIX_NO_SKIP"] === "1")
    throw new Error(`skipped, which K0RDENT_NUTANIX_NO_SKIP=1 forbids: ${reason}`);
  const { test } = context;
  const skipped = new Error(reason);
  if (test !== undefined && "type" in test && test.type === "hook")
    test.parent?.eachTest((each) => Object.assign(each, { err: skipped }));
  else Object.assign(test ?? {}, { err: skipped });
  return context.skip();
}

/** Paths of these tools; skips where one is missing. */
export async function requireTools<T extends ToolName>(context: Context, names: readonly T[]): Promise<ToolPaths<T>> {
  const { paths, missing } = await findTools(names);
  if (missing.length > 0) skip(context, `missing tools: ${missing.join(", ")}; run npm run tools`);
  return paths as ToolPaths<T>;
}
