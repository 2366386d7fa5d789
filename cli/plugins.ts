import {
  installStandInPlugins,
  linkRealPlugins,
  PLUGIN_VERSIONS,
  type PluginName,
} from "../sandbox/plugins/install.ts";

/** Makes Pulumi's plugins usable under a PULUMI_HOME: the real ones that are here, stand-ins for the rest, which it says. */
export function installPlugins(home: string): string | undefined {
  const real = linkRealPlugins(home);
  const missing = (Object.keys(PLUGIN_VERSIONS) as PluginName[]).filter((name) => !real.includes(name));
  if (missing.length === 0) return undefined;
  installStandInPlugins(home, missing);
  const names = missing.map((name) => `${name} ${PLUGIN_VERSIONS[name]}`).join(", ");
  return `Pulumi's plugins for ${names} are not here: stand-ins of the sandbox took their place, which are never used on real clusters.`;
}
