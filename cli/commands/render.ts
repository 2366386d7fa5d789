import { resolve } from "node:path";
import type { Command } from "commander";
import { note, write } from "../output/print.ts";
import { parseStack } from "../stack/stack-reference.ts";

const HELP = `
Example:
  $ npm run render -- --stack dev --out rendered

Exit codes: 0 rendered, 1 failed, 2 usage or configuration error.`;

export function registerRender(program: Command): void {
  program
    .command("render")
    .description("render the manifests of a stack without engine and cluster; secrets are placeholders")
    .option("--stack <name>", "stack, as in Pulumi.<name>.yaml", parseStack, "dev")
    .option("--out <folder>", "folder for one file per manifest; other files in it stay (default: print them)")
    .addHelpText("after", HELP)
    .action(render);
}

async function render({ stack, out }: { stack: string; out?: string }): Promise<void> {
  const { renderStack } = await import("../stack/render-stack.ts");
  const { manifestsText, writeManifests } = await import("../stack/write-manifests.ts");
  const { objects, verdict } = await renderStack({ stack });
  if (out === undefined) write(manifestsText(objects));
  else await writeManifests(objects, resolve(out));
  const where = out === undefined ? "" : ` in ${out}`;
  note(`${verdict}\n${objects.length} manifests${where}`);
}
