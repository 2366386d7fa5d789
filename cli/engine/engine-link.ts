import { mkdir, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";

/**
 * The Automation API's handle on a CLI at any path: it only looks for `<root>/bin/pulumi`, so there is a link.
 * The CLI prints its version with our PULUMI_HOME, since it writes a log there even for that.
 */
export async function linkEngine(
  command: typeof PulumiCommand,
  { pulumi, root, home }: { pulumi: string; root: string; home: string },
): Promise<PulumiCommand> {
  const link = join(root, "bin", "pulumi");
  await mkdir(join(root, "bin"), { recursive: true });
  if ((await readlink(link).catch(() => "")) !== pulumi) {
    await rm(link, { force: true });
    await symlink(pulumi, link);
  }
  const before = process.env.PULUMI_HOME;
  process.env.PULUMI_HOME = home;
  try {
    return await command.get({ root, skipVersionCheck: true });
  } finally {
    if (before === undefined) delete process.env.PULUMI_HOME;
    else process.env.PULUMI_HOME = before;
  }
}
