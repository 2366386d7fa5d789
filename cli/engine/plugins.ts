import { join } from "node:path";
import { execa } from "execa";
import { cacheDirectory } from "../../sandbox/ensure-tools.ts";
import {
  installStandInPlugins,
  linkRealPlugins,
  PLUGIN_VERSIONS,
  type PluginName,
  realPlugins,
} from "../../sandbox/plugins/install.ts";

const NAMES = Object.keys(PLUGIN_VERSIONS) as PluginName[];
const DOWNLOADS = "https://get.pulumi.com/releases/plugins";
const PROBE_MS = 3_000;

export interface PluginOptions {
  /** Where plugins are downloaded from. @default Pulumi's own site */
  readonly server?: string;
  /** @default the user's cache folder */
  readonly cache?: string;
  readonly report?: (line: string) => void;
  /** Where the user may have plugins already. @default the environment of this process */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Where downloaded plugins are kept, laid out as a PULUMI_HOME. */
function kept(options: PluginOptions): { PULUMI_HOME: string; PATH: string } {
  return { PULUMI_HOME: join(cacheDirectory(options), "pulumi"), PATH: "" };
}

/** Downloads the plugins that are nowhere to be found, once for all; where that cannot be done, it is left at that. */
export async function downloadPlugins(pulumi: string, options: PluginOptions = {}): Promise<void> {
  const { server = DOWNLOADS, report = () => undefined, environment = process.env } = options;
  const here = { ...realPlugins(kept(options)), ...realPlugins(environment) };
  const missing = NAMES.filter((name) => here[name] === undefined);
  if (missing.length === 0 || !(await answers(server))) return;
  for (const name of missing) {
    report(`plugin ${name} ${PLUGIN_VERSIONS[name]}: downloading`);
    const words = ["plugin", "install", "resource", name, `v${PLUGIN_VERSIONS[name]}`];
    const { PULUMI_HOME } = kept(options);
    const { failed } = await execa(pulumi, [...words, ...(options.server === undefined ? [] : ["--server", server])], {
      env: { PULUMI_HOME, PULUMI_SKIP_UPDATE_CHECK: "true" },
      reject: false,
    });
    report(`plugin ${name} ${PLUGIN_VERSIONS[name]}: ${failed ? "could not be downloaded" : "is ready"}`);
  }
}

/** Any answer will do: Pulumi's own attempts would take ten seconds to find out that there is none. */
async function answers(server: string): Promise<boolean> {
  return fetch(server, { method: "HEAD", signal: AbortSignal.timeout(PROBE_MS) }).then(
    () => true,
    () => false,
  );
}

/** Makes Pulumi's plugins usable under a PULUMI_HOME: the real ones that are here, stand-ins for the rest, which it says. */
export function installPlugins(home: string, options: PluginOptions = {}): string | undefined {
  const real = [...linkRealPlugins(home, kept(options)), ...linkRealPlugins(home, options.environment)];
  const missing = NAMES.filter((name) => !real.includes(name));
  if (missing.length === 0) return undefined;
  installStandInPlugins(home, missing);
  const names = missing.map((name) => `${name} ${PLUGIN_VERSIONS[name]}`).join(", ");
  return `Pulumi's plugins for ${names} are not here: stand-ins of the sandbox took their place, which are never used on real clusters.`;
}
