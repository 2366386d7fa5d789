import { type Command, Option } from "commander";
import { LINES } from "../../sandbox/crds/crd-kinds.ts";
import { crdFolder, STAND_IN } from "../../sandbox/crds.ts";
import { CLUSTER_API_TOOLS, cacheDirectory } from "../../sandbox/ensure-tools.ts";
import { installTools } from "../engine/install-tools.ts";
import { onInterrupt } from "../engine/interrupt.ts";
import { Failure } from "../output/failure.ts";
import { note, print } from "../output/print.ts";

const HELP = `
Resolves every tool on PATH and in the cache, downloads what is missing, and builds what cannot be downloaded (once, about
twenty minutes on two cores; this needs Go). The cache is ~/.cache/k0rdent-nutanix, or K0RDENT_NUTANIX_CACHE. The released
definitions of both kcm lines are downloaded into it too; without them the sandbox has stand-ins.
With cluster-api: its controllers of both lines as well, which the conformance tests run (built, about six minutes).

Examples:
  $ npm run tools
  $ npm run tools -- --with cluster-api

Exit codes: 0 all found, 1 a tool is missing, 130 interrupted.`;

export function registerTools(program: Command): void {
  program
    .command("tools")
    .description("install the Pulumi engine and the components of a sandbox")
    .addOption(new Option("--with <tool>", "install this too").choices(["cluster-api"]))
    .addHelpText("after", HELP)
    .action(tools);
}

async function tools(flags: { with?: "cluster-api" }): Promise<void> {
  const more = flags.with === "cluster-api" ? CLUSTER_API_TOOLS : [];
  const found = await installTools(onInterrupt(note), more);
  if (found.paths === undefined) throw new Failure(found.reason);
  for (const [name, path] of Object.entries(found.paths)) print(`  ${name.padEnd(26)} ${path}`);
  print(`definitions: ${found.standIns ?? LINES.map((line) => crdFolder(line) ?? STAND_IN).join(", ")}`);
  print(`cache: ${cacheDirectory()}`);
}
