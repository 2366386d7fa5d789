import { resolve } from "node:path";
import type { Command } from "commander";
import { replaceFile } from "../../sandbox/tools/replace-file.ts";
import { EXIT } from "../output/failure.ts";
import { print, write } from "../output/print.ts";
import { PROJECT } from "../stack/paths.ts";
import { parseStack } from "../stack/stack-reference.ts";

interface ReviewFlags {
  readonly stack: string;
  readonly base?: string;
  readonly preview?: string;
  readonly cwd?: string;
  readonly json?: boolean;
  readonly out?: string;
  readonly strict?: boolean;
}

const HELP = `
Compares the working tree with its merge base with --base: created, updated, replaced and deleted objects, machines that roll,
capacity, and policy violations. With --preview it reads the output of Pulumi's engine; without, the program of the working
tree renders both stack files, and needs no secret, backend or cluster. No file of the base is executed. Secrets are compared
as ciphertext, and never shown.

Example:
  $ npm run --silent review -- --stack prod --base origin/main
  $ pulumi preview --stack prod --json --show-sames > preview.json; npm run --silent review -- --stack prod --preview preview.json

Exit codes: 0 written, 1 failed, or (--strict) violations, 2 usage error.`;

export function registerReview(program: Command): void {
  program
    .command("review")
    .description("write the effects of a change on a stack, as a page for its pull request")
    .option("--stack <name>", "stack, as in Pulumi.<name>.yaml", parseStack, "dev")
    .option("--base <ref>", "commit to compare with (default: the first of origin/HEAD, origin/main, main that exists)")
    .option("--preview <file>", "output of pulumi preview --json to take the changes from")
    .option("--cwd <folder>", "folder with Pulumi.yaml and the stack's files (default: this project)")
    .option("--json", "write JSON instead of Markdown")
    .option("--out <file>", "file to write (default: print)")
    .option("--strict", "exit with 1 on violations")
    .addHelpText("after", HELP)
    .action(review);
}

async function review({ stack, base, preview, cwd = PROJECT, json, out, strict }: ReviewFlags): Promise<void> {
  const { compareStacks } = await import("../review/compare.ts");
  const { page } = await import("../review/page.ts");
  const result = await compareStacks({ stack, base, preview, workDir: resolve(cwd) });
  const text = json ? `${JSON.stringify(result, null, 2)}\n` : page(result);
  if (out === undefined) write(text);
  else {
    replaceFile(out, text);
    print(`stack ${stack}: ${result.verdict}, ${result.clusters.length} clusters change; ${out} written`);
  }
  if (strict && result.violations.length > 0) process.exitCode = EXIT.failed;
}
