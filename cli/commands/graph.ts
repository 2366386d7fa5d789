import { extname, resolve } from "node:path";
import { type Command, Option } from "commander";
import { replaceFile } from "../../sandbox/tools/replace-file.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { note, write } from "../output/print.ts";
import { readLiveGraph, readPlannedGraph } from "../stack/stack-graph.ts";
import { type TargetCommandOptions, withTargetOptions } from "../stack/target.ts";

interface GraphOptions extends TargetCommandOptions {
  readonly planned?: boolean;
  readonly format?: GraphFormat;
  readonly out?: string;
}

type GraphFormat = "svg" | "mermaid";
const FORMATS: readonly GraphFormat[] = ["svg", "mermaid"];

const HELP = `
Draws the objects of one cluster, or of the clusters of a stack (20 at most, those that are not ready first), and the
references between them, coloured by readiness: as SVG, or as Mermaid. --planned draws what pulumi up would write and what
kcm would create from it, without any cluster.

Examples:
  $ npm run graph -- edge --out edge.svg
  $ npm run graph -- edge --planned --out edge.mmd
  $ npm run --silent graph -- edge >> README.md

Exit codes: 0 written, 1 failed, 2 usage error.`;

export function registerGraph(program: Command): void {
  withTargetOptions(program.command("graph"))
    .description("draw the objects of a cluster, live or planned, as SVG or Mermaid")
    .argument("[cluster]", "only this cluster")
    .option("--planned", "draw what would be deployed, without a cluster")
    .addOption(new Option("--format <format>", "default: by the extension of --out, else mermaid").choices(FORMATS))
    .option("--out <file>", "file to write (default: stdout)")
    .addHelpText("after", HELP)
    .action(graph);
}

async function graph(cluster: string | undefined, options: GraphOptions): Promise<void> {
  const format = options.format ?? formatOf(options.out);
  const drawn = options.planned
    ? await readPlannedGraph(cluster, options.stack ?? "dev")
    : await readLiveGraph(cluster, options);
  const { mermaidOf, svgOf } = await import("../output/diagram-formats.ts");
  const text = format === "svg" ? svgOf(drawn) : mermaidOf(drawn);
  if (options.out === undefined) write(text);
  else replaceFile(resolve(options.out), text);
  const where = options.out === undefined ? "" : ` in ${options.out}`;
  note(`${drawn.nodes.length} objects, ${drawn.edges.length} references${where}`);
}

function formatOf(out: string | undefined): GraphFormat {
  const extension = extname(out ?? "");
  if (extension === ".svg") return "svg";
  if (["", ".mmd", ".mermaid", ".md"].includes(extension)) return "mermaid";
  throw new Failure(`--out: "${out}" has an unknown extension; use .svg or .mmd, or set --format`, EXIT.usage);
}
