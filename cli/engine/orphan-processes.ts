import { join } from "node:path";
import { type Process, processes, send, waitGone } from "../../sandbox/tools/process.ts";
import { POLICY_SCRIPT } from "./policy-host.ts";

const GONE_MS = 5_000;

/** Ends the plugins that a killed engine left running. Returns how many. */
export async function endOrphans(home: string): Promise<number> {
  const orphans = orphansAmong(await processes(), home);
  for (const pid of orphans) send(pid, "SIGKILL");
  await Promise.all(orphans.map((pid) => waitGone(pid, GONE_MS)));
  return orphans.length;
}

/** Plugins of this PULUMI_HOME, and policy packs of this project, whose engine has ended. */
export function orphansAmong(all: readonly Process[], home: string): number[] {
  const commands = new Map(all.map(({ pid, command }) => [pid, command]));
  const isPlugin = ({ command }: Process) =>
    [join(home, "plugins", "resource-"), POLICY_SCRIPT].some((path) => command.includes(path));
  const isEngine = (pid: number) => /(^|\/)pulumi( |$)/.test(commands.get(pid) ?? "");
  return all.filter((one) => isPlugin(one) && !isEngine(one.parent)).map(({ pid }) => pid);
}
