import { resolve } from "node:path";
import type { Command } from "commander";
import { replaceFile } from "../../sandbox/tools/replace-file.ts";
import { note } from "../output/print.ts";
import { type TargetCommandOptions, withTargetOptions } from "../stack/target.ts";

interface ReportFlags extends TargetCommandOptions {
  readonly out: string;
}

const HELP = `
Writes one self-contained HTML page about the clusters of a stack: health and blocking conditions, versions, requested
capacity, age of logins and expiry of certificates, policy waivers with reason and end, and a diagram of the objects. The page
contains no secret.

Examples:
  $ npm run report
  $ npm run report -- --stack mine --out clusters.html

Exit codes: 0 written, 1 failed, 2 usage error.`;

export function registerReport(program: Command): void {
  withTargetOptions(program.command("report"))
    .description("write an HTML report of a stack: health, versions, capacity, expiry of logins and certificates")
    .option("--out <file>", "file to write", "report.html")
    .addHelpText("after", HELP)
    .action(report);
}

async function report({ out, ...options }: ReportFlags): Promise<void> {
  const { readReport } = await import("../stack/read-report.ts");
  const { reportOf } = await import("../../operations/build-report.ts");
  const { reportHtml } = await import("../output/report-html.ts");
  const input = await readReport(options);
  const file = resolve(out);
  replaceFile(file, reportHtml(input, reportOf(input)));
  note(`${input.trees.length} clusters in ${file}`);
}
