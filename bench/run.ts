/** Benchmarks on this machine (`npm run bench`): each figure is the median of `ROUNDS` runs, in turns. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { PROJECT } from "../cli/stack/paths.ts";
import { writeCharts } from "../manifests/chart-archive.ts";
import { ensureTools, TOOL_NAMES, type ToolPaths } from "../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox } from "../sandbox/sandbox-cluster.ts";
import { BARE, record } from "./record.ts";

const ROUNDS = 5;
const NODE = process.execPath;

interface Figure {
  readonly what: string;
  readonly how: string;
  readonly measured: string;
  readonly target: string;
  readonly isMet: boolean;
}

const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-bench-"));
try {
  const tools = await ensureTools(TOOL_NAMES, { report: console.log });
  const figures = [...(await startup()), ...(await renders(tools)), ...(await previews(tools)), ...(await starts())];
  const table = new Table({
    head: ["figure", "measured", "target", "how"],
    wordWrap: true,
    colWidths: [34, 14, 16, 60],
    style: { head: [] },
  });
  for (const { what, measured, target, how, isMet } of figures)
    table.push([what, measured, `${target} ${isMet ? "✓" : "✗"}`, how]);
  console.log(
    `${cpus().length} cores, ${cpus()[0]?.model}; Node ${process.version}; median of ${ROUNDS}\n${table.toString()}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function seconds(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return (performance.now() - start) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Runs the actions in turns, so that other load of the machine affects all of them. */
async function inTurns<K extends string>(actions: Record<K, () => Promise<unknown>>): Promise<Record<K, number>> {
  const samples = Object.fromEntries(Object.keys(actions).map((key) => [key, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const key of Object.keys(actions) as K[]) samples[key].push(await seconds(actions[key]));
  }
  return Object.fromEntries(
    Object.entries(samples).map(([key, values]) => [key, median(values as number[])]),
  ) as Record<K, number>;
}

function ratio(what: string, how: string, { measured, target }: { measured: number; target: number }): Figure {
  return { what, how, measured: `${measured.toFixed(2)} ×`, target: `≤ ${target} ×`, isMet: measured <= target };
}

/** Importing the program against importing Pulumi's SDK alone. */
async function startup(): Promise<Figure[]> {
  const evaluate = (code: string) => () => execa(NODE, ["--input-type=module", "-e", code], { cwd: PROJECT });
  const { program, sdk } = await inTurns({
    sdk: evaluate('import "@pulumi/pulumi"'),
    program: evaluate('await import("./index.ts")'),
  });
  return [
    ratio(
      "start-up of the program",
      `node importing index.ts ${program.toFixed(2)} s, importing @pulumi/pulumi ${sdk.toFixed(2)} s`,
      { measured: program / sdk, target: 1.3 },
    ),
  ];
}

/** Each cluster chart, rendered by helm with the base values of its tests. */
async function renders({ helm }: ToolPaths): Promise<Figure[]> {
  const charts = join(folder, "charts");
  const render = (mode: string) => () => {
    const values = join(PROJECT, "tests/integration/charts/values", mode, "base.yaml");
    return execa(helm, ["template", "edge", join(charts, `nutanix-k0s-${mode}`), "--values", values]);
  };
  await writeCharts(["nutanix-k0s-hcp", "nutanix-k0s-standalone"], charts);
  const medians = await inTurns({ hcp: render("hcp"), standalone: render("standalone") });
  return Object.entries(medians).map(([mode, measured]) => ({
    what: `rendering nutanix-k0s-${mode}`,
    how: "helm template with the smallest values",
    measured: `${Math.round(measured * 1000)} ms`,
    target: "≤ 150 ms",
    isMet: measured <= 0.15,
  }));
}

/** Previews of the stack `dev`, day 0, against a sandbox: this program and the bare one. */
async function previews(tools: ToolPaths): Promise<Figure[]> {
  const sandbox = await createSandbox({ name: "bench", directory: join(folder, "sandbox"), tools });
  try {
    for (const which of ["ours", "bare"]) prepare(which, sandbox.kubeconfig, sandbox.kcmChart);
    const recording = join(folder, "recording.json");
    writeFileSync(recording, await record("dev", sandbox.kubeconfig, join(folder, "ours")), { mode: 0o600 });
    const preview = (which: "ours" | "bare") => async () => {
      const env = { BENCH_RECORDING: recording, TMPDIR: folder };
      const { stdout, stderr } = await execa(
        NODE,
        [join(PROJECT, "bench", "preview.ts"), which, folder, JSON.stringify(tools)],
        { env },
      );
      if (!stdout.includes("create")) throw new Error(`the preview of ${which} failed: ${stderr}`);
    };
    await preview("ours")();
    await preview("bare")();
    const { ours, bare } = await inTurns({ ours: preview("ours"), bare: preview("bare") });
    return [
      ratio(
        "preview against a bare program",
        `day-0 preview of the stack dev: ${ours.toFixed(2)} s; the same resources by bench/bare: ${bare.toFixed(2)} s`,
        { measured: ours / bare, target: 1.3 },
      ),
    ];
  } finally {
    await deleteSandbox(sandbox.directory);
  }
}

function prepare(which: string, kubeconfig: string, chart: string): void {
  const target = join(folder, which);
  mkdirSync(target, { recursive: true });
  const project = readFileSync(join(which === "bare" ? BARE : PROJECT, "Pulumi.yaml"), "utf8");
  // The program runs inline: the folder has none.
  writeFileSync(join(target, "Pulumi.yaml"), project.replace(/^main: .*$/m, ""));
  const settings = parse(readFileSync(join(PROJECT, "Pulumi.dev.yaml"), "utf8"));
  settings.config["k0rdent-nutanix:management"].kubeconfig = kubeconfig;
  settings.config["k0rdent-nutanix:management"].kcm.chart = chart;
  writeFileSync(
    join(target, "Pulumi.dev.yaml"),
    stringify(which === "bare" ? { encryptionsalt: settings.encryptionsalt } : settings),
  );
}

/** `npm start` without a sandbox, then with it, with tools and packages installed. Removes the sandbox. */
async function starts(): Promise<Figure[]> {
  const npm = (...words: string[]) => execa("npm", ["run", ...words], { cwd: PROJECT });
  await npm("down");
  const first = await seconds(() => npm("start"));
  const second = await seconds(() => npm("start"));
  await npm("down");
  const figure = (what: string, measured: number, target: number): Figure => ({
    what,
    how: "wall clock of one run, with tools and packages installed",
    measured: `${measured.toFixed(1)} s`,
    target: `≤ ${target} s`,
    isMet: measured <= target,
  });
  return [figure("npm start", first, 25), figure("npm start, second run", second, 12)];
}
