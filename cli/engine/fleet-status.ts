import { execa } from "execa";
import { jsonOf } from "../../policy/rules/plain-values.ts";
import { fleetStatusTable, type StackStatus } from "../output/fleet-view.ts";
import { engineEnvironment } from "./engine.ts";
import { backendOf, engineTools, selectStacks } from "./run-fleet.ts";

/** Stacks asked at a time: each starts the CLI twice. */
const CONCURRENCY = 4;

/** A table of stacks: clusters, capacity and last update of each, from its state; secrets are not read. */
export async function fleetStatus(named: readonly string[], workDir: string): Promise<string> {
  const { pulumi } = await engineTools();
  const names = selectStacks(named, workDir);
  const found: StackStatus[] = [];
  const queue = names.entries();
  const work = async () => {
    for (const [index, stack] of queue) {
      const env = backendOf(stack, workDir) === "project" ? engineEnvironment() : {};
      const read = async (words: readonly string[]): Promise<unknown> => {
        const options = ["stack", ...words, "--json", "--stack", stack, "--non-interactive"];
        const { stdout, failed } = await execa(pulumi, options, { cwd: workDir, env, reject: false });
        return failed ? undefined : jsonOf(stdout);
      };
      const [outputs, history] = await Promise.all([read(["output"]), read(["history", "--page-size", "1"])]);
      found[index] = { stack, outputs, history } as StackStatus;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return fleetStatusTable(found);
}
