import { resolve } from "node:path";
import type { Command } from "commander";
import { note, write } from "../output/print.ts";

const HELP = `
Example:
  $ npm run render -- --stack dev --out rendered

Exit codes: 0 rendered, 1 failed, 2 usage or configuration error.`;

export function registerRender(program: Command): void {
  program
    .command("render")
    .description("render the manifests of a stack without engine and cluster; secrets are placeholders")
    .option("--stack <name>", "stack, as in Pulumi.<name>.yaml", "dev")
    .option("--out <folder>", "folder for one file per manifest (default: print them)")
    .addHelpText("after", HELP)
    .action(render);
}

async function render({ stack, out }: { stack: string; out?: string }): Promise<void> {
  const { manifestsText, renderStack, writeManifests } = await import("../stack/render-stack.ts");
  const { objects, verdict } = await renderStack({ stack });
  if (out === undefined) write(manifestsText(objects));
  else await writeManifests(objects, resolve(out));
  const where = out === undefined ? "" : ` in ${out}`;
  note(`${verdict}\n${objects.length} manifests${where}`);
}
