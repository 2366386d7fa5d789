import { writeFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { type Command, Option } from "commander";
import { type Graph, livingGraph, plannedGraph } from "../../operations/resource-graph.ts";
import { clusterTrees } from "../../operations/resource-tree.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { openTarget, readTarget, type TargetCommandOptions, withTargetOptions } from "../stack/target.ts";

interface GraphOptions extends TargetCommandOptions {
  readonly planned?: boolean;
  readonly format?: Format;
  readonly out?: string;
}

type Format = "svg" | "mermaid";
const FORMATS: readonly Format[] = ["svg", "mermaid"];

const HELP = `
The objects of a cluster (or of all of a stack) and what names what, coloured by readiness: as SVG, or as Mermaid for a page
that draws it. --planned draws what pulumi up would write and what kcm would make of it, without any cluster.

Examples:
  $ npm run graph -- edge --out edge.svg
  $ npm run graph -- edge --planned --out edge.mmd
  $ npm run --silent graph -- edge >> README.md

Exit codes: 0 drawn, 1 failed, 2 wrong use.`;

export function registerGraph(program: Command): void {
  withTargetOptions(program.command("graph"))
    .description("picture of a cluster's objects, living or planned, as SVG or Mermaid")
    .argument("[cluster]", "only this cluster")
    .option("--planned", "what would be written, not what runs")
    .addOption(new Option("--format <format>", "default: as the name of the file says, else mermaid").choices(FORMATS))
    .option("--out <file>", "file to write (default: stdout)")
    .addHelpText("after", HELP)
    .action(graph);
}

async function graph(cluster: string | undefined, options: GraphOptions): Promise<void> {
  const format = options.format ?? formatOf(options.out);
  const drawn = options.planned ? await planned(cluster, options) : await living(cluster, options);
  const { mermaidOf, svgOf } = await import("../output/diagram-formats.ts");
  const text = format === "svg" ? svgOf(drawn) : mermaidOf(drawn);
  if (options.out === undefined) process.stdout.write(text);
  else await writeFile(resolve(options.out), text);
  const where = options.out === undefined ? "" : ` in ${options.out}`;
  process.stderr.write(`${drawn.nodes.length} objects, ${drawn.edges.length} references${where}\n`);
}

function formatOf(out: string | undefined): Format {
  const ending = extname(out ?? "");
  if (ending === ".svg") return "svg";
  if (["", ".mmd", ".mermaid", ".md"].includes(ending)) return "mermaid";
  throw new Failure(`--out: "${out}" ends in neither .svg nor .mmd; rename it, or say --format`, EXIT.usage);
}

async function living(cluster: string | undefined, options: GraphOptions): Promise<Graph> {
  const place = await openTarget(options);
  const snapshot = await readTarget(place, cluster);
  const chains = clusterTrees(snapshot);
  if (chains.length === 0) {
    const asked = cluster === undefined ? "no cluster is there" : `cluster: "${cluster}" is not there`;
    throw new Failure(`${asked}; deploy it first, or draw what is planned with --planned`, EXIT.usage);
  }
  return livingGraph(`${cluster ?? place.identity ?? "clusters"}, ${snapshot.takenAt}`, chains);
}

async function planned(cluster: string | undefined, { stack = "dev" }: GraphOptions): Promise<Graph> {
  const { renderStack } = await import("./render.ts");
  const { objects } = await renderStack({ stack });
  const clusters = objects.filter(({ kind }) => kind === "ClusterDeployment").map(({ metadata }) => metadata.name);
  if (cluster !== undefined && !clusters.includes(cluster))
    throw new Failure(`cluster: "${cluster}" is not in the stack ${stack}; it has ${clusters.join(", ")}`, EXIT.usage);
  return plannedGraph(`${cluster ?? stack}, planned`, objects, cluster === undefined ? clusters : [cluster]);
}
