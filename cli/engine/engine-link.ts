import { join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { replaceLink } from "./replace-link.ts";

/**
 * The Automation API's handle on a CLI at any path: it only looks for `<root>/bin/pulumi`, so there is a link.
 * The CLI prints its version with our PULUMI_HOME, since it writes a log there even for that.
 */
export async function linkEngine(
  command: typeof PulumiCommand,
  { pulumi, root, home }: { pulumi: string; root: string; home: string },
): Promise<PulumiCommand> {
  await replaceLink(join(root, "bin", "pulumi"), pulumi);
  const before = process.env.PULUMI_HOME;
  process.env.PULUMI_HOME = home;
  try {
    return await command.get({ root, skipVersionCheck: true });
  } finally {
    if (before === undefined) delete process.env.PULUMI_HOME;
    else process.env.PULUMI_HOME = before;
  }
}
