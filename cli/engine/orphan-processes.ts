import { dirname, join } from "node:path";
import { kill, type Process, processes } from "../../sandbox/tools/process.ts";
import { PROJECT } from "../stack/paths.ts";
import { POLICY_SCRIPT } from "./policy-host.ts";

const GONE_MS = 5_000;

/** Ends engines whose command was killed, and the plugins of killed engines: they would go on writing. */
export async function endOrphans(home: string): Promise<void> {
  await kill(orphanEngines(await processes(), home), GONE_MS);
  // What an engine started is an orphan only after it.
  await kill(orphanPlugins(await processes(), home), GONE_MS);
}

/** Engines of the CLI that is linked beside this PULUMI_HOME, whose command has ended. */
export function orphanEngines(all: readonly Process[], home: string): number[] {
  const commands = new Map(all.map(({ pid, command }) => [pid, command]));
  const isOurs = ({ command }: Process) => command.startsWith(`${join(dirname(home), "engine", "bin", "pulumi")} `);
  const hasCommand = ({ parent }: Process) =>
    ["cli/main.ts", PROJECT].some((text) => commands.get(parent)?.includes(text));
  return all.filter((one) => isOurs(one) && !hasCommand(one)).map(({ pid }) => pid);
}

/** Plugins of this PULUMI_HOME, and policy packs of this project, whose engine has ended. */
export function orphanPlugins(all: readonly Process[], home: string): number[] {
  const commands = new Map(all.map(({ pid, command }) => [pid, command]));
  // The program, or the script that it runs: not what only names such a file, as an editor does.
  const isPlugin = ({ command }: Process) => {
    const program = command.replace(/^(\S*\/)?(node|sh) /, "");
    return [join(home, "plugins", "resource-"), POLICY_SCRIPT].some((path) => program.startsWith(path));
  };
  const isEngine = (pid: number) => /(^|\/)pulumi( |$)/.test(commands.get(pid) ?? "");
  return all.filter((one) => isPlugin(one) && !isEngine(one.parent)).map(({ pid }) => pid);
}
