import type { Command } from "commander";
import { cacheDirectory, TOOL_NAMES } from "../../sandbox/ensure-tools.ts";
import { installTools } from "../engine/install-tools.ts";
import { onInterrupt } from "../engine/interrupt.ts";
import { Failure } from "../output/failure.ts";
import { note, print } from "../output/print.ts";

const HELP = `
Resolves every tool on PATH and in the cache, downloads what is missing, and builds what cannot be downloaded (once, about
fifteen minutes on two cores; this needs Go). The cache is ~/.cache/k0rdent-nutanix, or K0RDENT_NUTANIX_CACHE.

Example:
  $ npm run tools

Exit codes: 0 all found, 1 a tool is missing, 130 interrupted.`;

export function registerTools(program: Command): void {
  program
    .command("tools")
    .description("install the Pulumi engine and the components of a sandbox")
    .addHelpText("after", HELP)
    .action(tools);
}

async function tools(): Promise<void> {
  const found = await installTools(onInterrupt(note));
  if (found.paths === undefined) throw new Failure(found.reason);
  for (const name of TOOL_NAMES) print(`  ${name.padEnd(24)} ${found.paths[name]}`);
  print(`cache: ${cacheDirectory()}`);
}
