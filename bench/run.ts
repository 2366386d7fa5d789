/** Benchmarks of this machine (`npm run bench`): each figure with its least, median and largest sample, as table and JSON. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PROJECT } from "../cli/stack/paths.ts";
import { ensureTools, TOOL_NAMES } from "../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox } from "../sandbox/sandbox-cluster.ts";
import { applyFigures } from "./apply-figures.ts";
import { writeProject } from "./bench-stack.ts";
import { engineFigures } from "./engine-figures.ts";
import { type Plan, pipelineFigures, renderFigures, startFigures } from "./local-figures.ts";
import { type Results, results, resultsText, writePage } from "./results.ts";
import { Figures } from "./samples.ts";

const HELP = `Measures the program beside a bare one, kubectl and OpenTofu, on a sandbox.

  --sizes <list>   numbers of clusters on the sandbox (default 1,10,100; 1000 takes about an hour)
  --rounds <n>     samples of each figure (default 5; 1000 clusters: one)
  --only <list>    start, pipeline, render, engine, apply (default all)
  --page           write docs/contributing/benchmarks.json and the table of benchmarks.md
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
const plan: Plan = { sizes: values.sizes.split(",").map(Number), rounds: Number(values.rounds) };
const parts = new Set(values.only.split(","));
const figures = new Figures();
const report = (line: string) => console.log(line);

const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-bench-"));
// Every child writes its temporary files there.
process.env["TMPDIR"] = folder;
try {
  if (parts.has("start")) await startFigures(plan, figures);
  if (parts.has("pipeline")) await pipelineFigures({ ...plan, sizes: [1, 10, 100, 1000, 10_000] }, figures);
  if (parts.has("render")) await renderFigures({ ...plan, sizes: [1, 10, 100, 1000] }, figures);
  if (parts.has("engine") || parts.has("apply")) await onSandbox();
  const measured: Results = results(figures.all, { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length });
  console.log(resultsText(measured));
  const file = join(PROJECT, ".local", "bench.json");
  writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
  console.log(`${file}: written`);
  if (values.page) writePage(measured);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function onSandbox(): Promise<void> {
  const tools = await ensureTools(TOOL_NAMES, { report });
  const sandbox = await createSandbox({ name: "bench", directory: join(folder, "sandbox"), tools, report });
  const bed = { folder: join(folder, "project"), tools, report };
  try {
    writeProject(bed.folder, sandbox);
    await engineFigures({ ...plan, sizes: parts.has("engine") ? plan.sizes : [] }, bed, figures);
    if (parts.has("apply")) await applyFigures(plan, { ...bed, kubeconfig: sandbox.kubeconfig }, figures);
  } finally {
    await deleteSandbox(sandbox.directory);
  }
}
