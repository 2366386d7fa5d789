import { existsSync, lstatSync, mkdirSync, readlinkSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The plugins of the program, at the versions of its npm packages. */
export const PLUGIN_VERSIONS = { kubernetes: "4.32.0", random: "4.21.1" } as const;
export type PluginName = keyof typeof PLUGIN_VERSIONS;

const OURS = dirname(fileURLToPath(import.meta.url));
const NAMES = Object.keys(PLUGIN_VERSIONS) as PluginName[];

/** Makes the stand-in plugins the ones that a Pulumi with this PULUMI_HOME uses; what else is there stays. */
export function installStandInPlugins(pulumiHome: string, names: readonly PluginName[] = NAMES): void {
  for (const name of names) {
    link(pulumiHome, { name, program: join(OURS, fileName(name)) });
  }
}

/**
 * The real plugins of exactly our versions, by the path of their program: in the user's PULUMI_HOME (default ~/.pulumi),
 * else on PATH.
 */
export function realPlugins(environment: NodeJS.ProcessEnv = process.env): Partial<Record<PluginName, string>> {
  const found = NAMES.map((name) => [name, realPlugin(name, environment)] as const);
  return Object.fromEntries(found.filter(([, path]) => path !== undefined));
}

/** Makes the real plugins that are there usable under this PULUMI_HOME; returns their names. */
export function linkRealPlugins(pulumiHome: string, environment: NodeJS.ProcessEnv = process.env): PluginName[] {
  const real = realPlugins(environment);
  return NAMES.filter((name) => {
    const program = real[name];
    if (program) {
      link(pulumiHome, { name, program });
    }
    return program !== undefined;
  });
}

function realPlugin(name: PluginName, environment: NodeJS.ProcessEnv): string | undefined {
  const home = environment["PULUMI_HOME"] || join(homedir(), ".pulumi");
  const onPath = (environment["PATH"] ?? "").split(delimiter).filter(Boolean);
  const candidates = [
    join(pluginFolder(home, name), fileName(name)),
    ...onPath.map((folder) => join(folder, fileName(name))),
  ];
  return candidates.find((path) => existsSync(path) && dirname(realpathSync(path)) !== OURS);
}

/** The engine wants a folder of this name with the program in it, and no lock or mark of an unfinished download beside it. */
function link(pulumiHome: string, plugin: { name: PluginName; program: string }): void {
  const folder = pluginFolder(pulumiHome, plugin.name);
  const path = join(folder, fileName(plugin.name));
  if (isLinkTo(path, plugin.program)) {
    return;
  }
  if (existsSync(path) && realpathSync(path) === realpathSync(plugin.program)) {
    return;
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  symlinkSync(plugin.program, path);
}

function isLinkTo(path: string, target: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink() && readlinkSync(path) === target;
  } catch {
    return false;
  }
}

function pluginFolder(pulumiHome: string, name: PluginName): string {
  return join(pulumiHome, "plugins", `resource-${name}-v${PLUGIN_VERSIONS[name]}`);
}

function fileName(name: PluginName): string {
  return `pulumi-resource-${name}`;
}
