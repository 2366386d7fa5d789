import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { clusterFileSchema, stackFileSchema } from "../../schema/json-schema.ts";
import { Failure } from "../output/failure.ts";
import { print } from "../output/print.ts";
import { troubleshootingText } from "../output/reference/findings-page.ts";
import { withTables } from "../output/reference/index.ts";
import { policiesPage } from "../output/reference/policies-page.ts";
import { preflightPage } from "../output/reference/preflight-page.ts";
import { PROJECT } from "../stack/paths.ts";

const HELP = `
Writes schema/stack.schema.json and schema/cluster.schema.json out of the schemas that the program reads stack files with,
docs/policies.md, docs/troubleshooting.md, docs/reference/preflight-checks.md and the tables of README.md out of schemas, rules, checks and
the doctor's diagnoses. An editor with a YAML language server completes and checks files
whose first line names a schema.

Example:
  $ npm run generate
  $ npm run generate -- --check

Exit codes: 0 written, or (--check) up to date; 1 out of date.`;

export function registerGenerate(program: Command): void {
  program
    .command("generate")
    .description("write the JSON Schemas of stack and cluster files, and the generated reference pages")
    .option("--check", "write nothing; fail when a file is out of date")
    .addHelpText("after", HELP)
    .action(generate);
}

async function generate({ check = false }: { check?: boolean }): Promise<void> {
  const stale: string[] = [];
  for (const [file, text] of Object.entries(await generatedFiles())) {
    const path = join(PROJECT, file);
    const before = await readFile(path, "utf8").catch(() => "");
    if (before !== text) stale.push(file);
    if (before !== text && !check) await writeFile(path, text);
    print(`${file}: ${before === text ? "up to date" : check ? "out of date" : "written"}`);
  }
  if (check && stale.length > 0) throw new Failure(`${stale.join(", ")}: out of date; run npm run generate`);
}

/** Texts of the files that are made from schemas and rules, by path. */
export async function generatedFiles(): Promise<Readonly<Record<string, string>>> {
  const json = (schema: object) => `${JSON.stringify(schema, null, 2)}\n`;
  return {
    "schema/stack.schema.json": json(stackFileSchema()),
    "schema/cluster.schema.json": json(clusterFileSchema()),
    "docs/policies.md": policiesPage(),
    "docs/troubleshooting.md": troubleshootingText(),
    "README.md": withTables(await readFile(join(PROJECT, "README.md"), "utf8")),
    "docs/reference/preflight-checks.md": preflightPage(),
  };
}
