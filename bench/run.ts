/** Benchmarks of this machine (`npm run bench`): each figure with its least, median and largest sample, as table and JSON. */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { onInterrupt } from "../cli/engine/interrupt.ts";
import { EXIT } from "../cli/output/failure.ts";
import { PROJECT } from "../cli/stack/paths.ts";
import { positiveInteger } from "../cli/stack/positive-integer.ts";
import { ensureTools, TOOL_NAMES } from "../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox } from "../sandbox/sandbox-cluster.ts";
import { applyFigures } from "./apply-figures.ts";
import { writeProject } from "./bench-stack.ts";
import { engineFigures } from "./engine-figures.ts";
import { pipelineFigures, renderFigures, type Size, startFigures } from "./local-figures.ts";
import { parsedOptions } from "./options.ts";
import { type Results, results, resultsText, writePage } from "./results.ts";
import { Figures } from "./samples.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const PARTS = ["start", "pipeline", "render", "engine", "apply"] as const;

interface BenchOptions {
  readonly sizes: readonly { readonly clusters: number; readonly rounds?: number }[];
  readonly rounds: number;
  readonly only: readonly (typeof PARTS)[number][];
  readonly page?: boolean;
}

const listOf =
  <T>(read: (word: string) => T) =>
  (text: string) =>
    text.split(",").map(read);
const sizeOf = (text: string) => {
  const [clusters = "", rounds, ...more] = text.split("x");
  if (more.length > 0) throw new InvalidArgumentError("write sizes like 10 or 1000x1");
  return { clusters: positiveInteger(clusters), ...(rounds !== undefined && { rounds: positiveInteger(rounds) }) };
};
const partOf = (word: string) => {
  const part = PARTS.find((known) => known === word);
  if (part === undefined) throw new InvalidArgumentError(`use some of ${PARTS.join(", ")}`);
  return part;
};

const sizesOf = (...counts: number[]): BenchOptions["sizes"] => counts.map((clusters) => ({ clusters }));
const options = parsedOptions<BenchOptions>(
  new Command("npm run bench --")
    .description("Measures the program beside a bare one, kubectl and OpenTofu, on a sandbox.")
    .addOption(
      new Option("--sizes <list>", "numbers of clusters on the sandbox; 1000x1: in one round")
        .argParser(listOf(sizeOf))
        .default(sizesOf(1, 10, 100), "1,10,100"),
    )
    .option("--rounds <number>", "samples of each figure where its size says none", positiveInteger, 5)
    .addOption(
      new Option("--only <list>", `some of ${PARTS.join(", ")}`).argParser(listOf(partOf)).default(PARTS, "all"),
    )
    .option(
      "--page",
      "write these figures into docs/contributing/benchmarks.json and .md; what was not measured now stays",
    ),
);
const withRounds = (list: BenchOptions["sizes"]): Size[] => list.map((size) => ({ rounds: options.rounds, ...size }));
const parts = new Set(options.only);
const figures = new Figures();
const report = (line: string) => console.log(line);
const interrupted = onInterrupt(report);

const folder = temporaryFolder("bench");
// Every child writes its temporary files there.
process.env["TMPDIR"] = folder;
try {
  if (parts.has("start")) await startFigures(options.rounds, figures, interrupted);
  if (parts.has("pipeline")) await pipelineFigures(withRounds(sizesOf(1, 10, 100, 1000, 10_000)), figures, interrupted);
  if (parts.has("render")) await renderFigures(withRounds(sizesOf(1, 10, 100, 1000)), figures, interrupted);
  if (parts.has("engine") || parts.has("apply")) await onSandbox();
} catch (error) {
  // What was measured until then is worth its time.
  if (!interrupted.aborted) console.error(error);
  process.exitCode = interrupted.aborted ? EXIT.interrupted : EXIT.failed;
}
const measured: Results = results(figures.all, { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length });
console.log(resultsText(measured));
const file = join(PROJECT, ".local", "bench.json");
writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
console.log(`${file}: written`);
if (options.page && process.exitCode === undefined) writePage(measured);

async function onSandbox(): Promise<void> {
  const tools = await ensureTools(TOOL_NAMES, { report });
  const sandbox = await createSandbox({ name: "bench", directory: join(folder, "sandbox"), tools, report });
  const bed = { folder: join(folder, "project"), tools, report, signal: interrupted };
  try {
    writeProject(bed.folder, sandbox);
    await engineFigures(parts.has("engine") ? withRounds(options.sizes) : [], bed, figures);
    if (parts.has("apply"))
      await applyFigures(withRounds(options.sizes), { ...bed, kubeconfig: sandbox.kubeconfig }, figures);
  } finally {
    await deleteSandbox(sandbox.directory);
  }
}
