/** Benchmarks of this machine (`npm run bench`): each figure with its least, median and largest sample, as table and JSON. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { onInterrupt } from "../cli/engine/interrupt.ts";
import { EXIT } from "../cli/output/failure.ts";
import { PROJECT } from "../cli/stack/paths.ts";
import { ensureTools, TOOL_NAMES } from "../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox } from "../sandbox/sandbox-cluster.ts";
import { applyFigures } from "./apply-figures.ts";
import { writeProject } from "./bench-stack.ts";
import { engineFigures } from "./engine-figures.ts";
import { pipelineFigures, renderFigures, type Size, startFigures } from "./local-figures.ts";
import { type Results, results, resultsText, writePage } from "./results.ts";
import { Figures } from "./samples.ts";

const HELP = `Measures the program beside a bare one, kubectl and OpenTofu, on a sandbox.

  --sizes <list>   numbers of clusters on the sandbox (default 1,10,100); 1000x1: in one round, which takes about an hour
  --rounds <n>     samples of each figure where its size says none (default 5)
  --only <list>    start, pipeline, render, engine, apply (default all)
  --page           write these figures into docs/contributing/benchmarks.json and .md; what was not measured now stays
`;

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "1,10,100" },
    rounds: { type: "string", default: "5" },
    only: { type: "string", default: "start,pipeline,render,engine,apply" },
    page: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
const sizesOf = (list: string): Size[] =>
  list.split(",").map((text) => {
    const [clusters, rounds = values.rounds] = text.split("x");
    return { clusters: Number(clusters), rounds: Number(rounds) };
  });
const sizes = sizesOf(values.sizes);
const parts = new Set(values.only.split(","));
const figures = new Figures();
const report = (line: string) => console.log(line);
const interrupted = onInterrupt(report);

const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-bench-"));
// Every child writes its temporary files there.
process.env["TMPDIR"] = folder;
try {
  if (parts.has("start")) await startFigures(Number(values.rounds), figures);
  if (parts.has("pipeline")) await pipelineFigures(sizesOf("1,10,100,1000,10000"), figures);
  if (parts.has("render")) await renderFigures(sizesOf("1,10,100,1000"), figures);
  if (parts.has("engine") || parts.has("apply")) await onSandbox();
} catch (error) {
  // What was measured until then is worth its time.
  if (!interrupted.aborted) console.error(error);
  process.exitCode = interrupted.aborted ? EXIT.interrupted : EXIT.failed;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const measured: Results = results(figures.all, { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length });
console.log(resultsText(measured));
const file = join(PROJECT, ".local", "bench.json");
writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
console.log(`${file}: written`);
if (values.page && process.exitCode === undefined) writePage(measured);

async function onSandbox(): Promise<void> {
  const tools = await ensureTools(TOOL_NAMES, { report });
  const sandbox = await createSandbox({ name: "bench", directory: join(folder, "sandbox"), tools, report });
  const bed = { folder: join(folder, "project"), tools, report, signal: interrupted };
  try {
    writeProject(bed.folder, sandbox);
    await engineFigures(parts.has("engine") ? sizes : [], bed, figures);
    if (parts.has("apply")) await applyFigures(sizes, { ...bed, kubeconfig: sandbox.kubeconfig }, figures);
  } finally {
    await deleteSandbox(sandbox.directory);
  }
}
