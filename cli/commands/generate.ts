import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { replaceFile } from "../../sandbox/tools/replace-file.ts";
import { Failure } from "../output/failure.ts";
import { print } from "../output/print.ts";
import { PROJECT } from "../stack/paths.ts";

const HELP = `
Writes the JSON Schemas of stack and cluster files and the pages in docs/reference from the program's schemas, policies,
checks, diagnoses and commands. An editor with a YAML language server completes and validates files whose first line names a
schema.

Example:
  $ npm run generate
  $ npm run generate -- --check

Exit codes: 0 written, or (--check) up to date; 1 out of date.`;

export function registerGenerate(program: Command): void {
  program
    .command("generate")
    .description("write the JSON Schemas and the reference pages")
    .option("--check", "write nothing; fail if a file is out of date")
    .addHelpText("after", HELP)
    .action(generate);
}

async function generate({ check = false }: { check?: boolean }): Promise<void> {
  const { generatedFiles } = await import("../output/reference/generated-files.ts");
  // biome-ignore lint/suspicious/noImportCycles: loaded when the command runs, after the index
  const { createProgram } = await import("./index.ts");
  const stale: string[] = [];
  for (const [file, text] of Object.entries(generatedFiles(await createProgram()))) {
    const path = join(PROJECT, file);
    const before = await readFile(path, "utf8").catch(() => "");
    if (before !== text) stale.push(file);
    if (before !== text && !check) replaceFile(path, text);
    print(`${file}: ${before === text ? "up to date" : check ? "out of date" : "written"}`);
  }
  if (check && stale.length > 0) throw new Failure(`${stale.join(", ")}: out of date; run npm run generate`);
}
