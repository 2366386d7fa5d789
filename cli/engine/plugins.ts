import { dirname, join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { findTools, type ToolName } from "../../sandbox/ensure-tools.ts";
import { SOURCES } from "../../sandbox/tools/catalog.ts";
import { replaceLink } from "../../sandbox/tools/replace-file.ts";
import { PROJECT } from "../stack/paths.ts";

const RANDOM = "pulumi-resource-random";
const STAND_IN = join(PROJECT, "sandbox", "plugins", "random", RANDOM);

/** Installs Pulumi's plugins under a PULUMI_HOME, as links. Returns what a user should know of them. */
export async function installPlugins(home: string, kubernetes: string): Promise<string[]> {
  const random = (await findTools([RANDOM])).paths[RANDOM];
  await Promise.all([link(home, "pulumi-resource-kubernetes", kubernetes), link(home, RANDOM, random ?? STAND_IN)]);
  const { version, build } = sourceOf("pulumi-resource-kubernetes");
  const isBuilt = build?.date !== undefined && dirname(kubernetes).endsWith(build.date);
  return [
    ...(isBuilt
      ? [`Pulumi's Kubernetes plugin is built from its source of ${build.date}: ${version} could not be downloaded.`]
      : []),
    ...(random === undefined
      ? ["Pulumi's random plugin could not be downloaded: a stand-in of the sandbox generates the passwords."]
      : []),
  ];
}

function sourceOf(tool: ToolName) {
  const source = SOURCES.find(({ tools }) => tools.includes(tool));
  if (source === undefined) throw new Error(`${tool} has no source`);
  return source;
}

function link(home: string, tool: ToolName, program: string): Promise<void> {
  return replaceLink(join(home, "plugins", sourceOf(tool).pluginFolder ?? "", tool), program);
}

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
