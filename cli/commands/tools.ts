import type { Command } from "commander";
import { cacheDirectory, TOOL_NAMES } from "../../sandbox/ensure-tools.ts";
import { installTools } from "../engine/install-tools.ts";
import { onInterrupt } from "../engine/interrupt.ts";
import { Failure } from "../output/failure.ts";
import { print } from "../output/print.ts";

const HELP = `
Looks for every tool on PATH and in the cache, downloads what is missing, and builds what cannot be downloaded (once, about
fifteen minutes on two cores; this needs Go). The cache is ~/.cache/k0rdent-nutanix, or K0RDENT_NUTANIX_CACHE.

Example:
  $ npm run tools

Exit codes: 0 all are here, 1 some cannot be had, 130 interrupted.`;

export function registerTools(program: Command): void {
  program
    .command("tools")
    .description("get the Pulumi engine and what a sandbox is made of")
    .addHelpText("after", HELP)
    .action(tools);
}

async function tools(): Promise<void> {
  const signal = onInterrupt((line) => process.stderr.write(`${line}\n`));
  const found = await installTools(signal);
  if (found.paths === undefined) throw new Failure(found.reason);
  for (const name of TOOL_NAMES) print(`  ${name.padEnd(24)} ${found.paths[name]}`);
  print(`cache: ${cacheDirectory()}`);
}
