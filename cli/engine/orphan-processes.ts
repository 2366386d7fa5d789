import { join } from "node:path";
import { type Process, processes, send, waitGone } from "../../sandbox/tools/process.ts";
import { PROJECT } from "../stack/paths.ts";

const GONE_MS = 5_000;

/**
 * Ends the plugins that a killed engine left behind, with what they started: one of them may still be installing a release, and
 * would write its record after it was looked for. Returns how many were ended.
 */
export async function endOrphans(home: string): Promise<number> {
  const orphans = orphansAmong(await processes(), home);
  for (const pid of orphans) send(pid, "SIGKILL");
  await Promise.all(orphans.map((pid) => waitGone(pid, GONE_MS)));
  return orphans.length;
}

/** Plugins of this PULUMI_HOME, and stand-ins, whose engine is no more; and their descendants. */
export function orphansAmong(all: readonly Process[], home: string): number[] {
  const commands = new Map(all.map(({ pid, command }) => [pid, command]));
  const isPlugin = ({ command }: Process) =>
    command.includes(join(home, "plugins", "resource-")) || command.includes(join(PROJECT, "sandbox", "plugins", ""));
  const isEngine = (pid: number) => /(^|\/)pulumi( |$)/.test(commands.get(pid) ?? "");
  const orphans = all.filter((one) => isPlugin(one) && !isEngine(one.parent)).map(({ pid }) => pid);
  for (let index = 0; index < orphans.length; index += 1) {
    orphans.push(
      ...all.filter(({ pid, parent }) => parent === orphans[index] && !orphans.includes(pid)).map(({ pid }) => pid),
    );
  }
  return orphans;
}
