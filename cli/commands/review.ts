import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { EXIT } from "../output/failure.ts";
import { print } from "../output/print.ts";
import { PROJECT } from "../stack/paths.ts";

interface Options {
  readonly stack: string;
  readonly base?: string;
  readonly preview?: string;
  readonly cwd: string;
  readonly json?: boolean;
  readonly out?: string;
  readonly strict?: boolean;
}

const HELP = `
Compares what is checked out with the commit that it and --base have in common: what is made, changed, replaced and deleted,
which machines roll, what that costs, and what the rules say. With --preview it is told from the output of Pulumi's engine;
without, both stack files are rendered by the program that is checked out, and neither secret, backend nor cluster is needed.
No file of the base is run. Secrets are compared as they stand encrypted, and never shown.

Example:
  $ npm run --silent review -- --stack prod --base origin/main
  $ pulumi preview --stack prod --json --show-sames > preview.json; npm run --silent review -- --stack prod --preview preview.json

Exit codes: 0 written, 1 failed, or (--strict) something is refused, 2 wrong use.`;

export function registerReview(program: Command): void {
  program
    .command("review")
    .description("write what a change does to a stack, as a page for its pull request")
    .option("--stack <name>", "stack, as in Pulumi.<name>.yaml", "dev")
    .option(
      "--base <ref>",
      "commit to compare with (default: the first that there is of origin/HEAD, origin/main, main)",
    )
    .option("--preview <file>", "output of pulumi preview --json, to tell what changes from")
    .option("--cwd <folder>", "folder with Pulumi.yaml and the stack's files", PROJECT)
    .option("--json", "write JSON in place of Markdown")
    .option("--out <file>", "write into a file (default: print)")
    .option("--strict", "exit with 1 when something is refused")
    .addHelpText("after", HELP)
    .action(review);
}

async function review({ stack, base, preview, cwd, json, out, strict }: Options): Promise<void> {
  const { compareStacks } = await import("../review/compare.ts");
  const { page } = await import("../review/page.ts");
  const found = await compareStacks({ stack, base, preview, workDir: resolve(cwd) });
  const text = json ? `${JSON.stringify(found, null, 2)}\n` : page(found);
  if (out === undefined) process.stdout.write(text);
  else await writeFile(out, text);
  if (out !== undefined)
    print(`stack ${stack}: ${found.verdict}, ${found.clusters.length} clusters change; ${out} written`);
  if (strict && found.verdict === "refused") process.exitCode = EXIT.failed;
}
