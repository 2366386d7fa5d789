/** What is kept of a run of the benchmarks, and how it reads. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Table from "cli-table3";
import { PROJECT } from "../cli/stack/paths.ts";
import { replaceFile } from "../sandbox/tools/replace-file.ts";
import { exponent, type Figure, ratio, type Summary, summary } from "./samples.ts";

export interface BenchMachine {
  readonly cpu: string;
  readonly cores: number;
}

interface Row {
  readonly what: string;
  readonly unit: Figure["unit"];
  readonly clusters?: number;
  readonly programs: Readonly<Record<string, Summary & { readonly date: string }>>;
  /** Median of the program over that of the bare one. */
  readonly ratio?: number;
}

export interface Results extends BenchMachine {
  readonly node: string;
  readonly rows: readonly Row[];
}

export function results(figures: readonly Figure[], machine: BenchMachine): Results {
  const date = new Date().toISOString().slice(0, 10);
  const rows = figures.map(({ samples, ...figure }): Row => {
    const programs = Object.fromEntries(
      Object.entries(samples).map(([name, values]) => [name, { ...summary(values), date }]),
    );
    const overBare = ratio({ ...figure, samples });
    return { ...figure, programs, ...(overBare === undefined ? {} : { ratio: Number(overBare.toFixed(3)) }) };
  });
  return { ...machine, node: process.version, rows };
}

const HEAD = ["figure", "clusters", "program", "runs", "min", "median", "max", "to bare"];

function cells({ rows }: Results): string[][] {
  return rows.flatMap((row) =>
    Object.entries(row.programs).map(([name, { runs, ...values }]) => [
      row.what,
      String(row.clusters ?? ""),
      name,
      String(runs),
      ...[values.min, values.median, values.max].map((value) => `${numberText(value)} ${row.unit}`),
      name === "program" && row.ratio !== undefined ? `${row.ratio.toFixed(2)} ×` : "",
    ]),
  );
}

/** Three digits, without an exponent. */
function numberText(value: number): string {
  return value < 1000 ? value.toPrecision(3) : value.toFixed(0);
}

function title({ cpu, cores, node, rows }: Results): string {
  return `${[...new Set(rows.flatMap(({ programs }) => Object.values(programs).map(({ date }) => date)))].sort().join(", ")}; ${cores} cores of ${cpu}; Node ${node}`;
}

export function resultsText(measured: Results): string {
  const table = new Table({ head: HEAD, style: { head: [] } });
  table.push(...cells(measured));
  const growth = growthOf(measured, "stack file → manifests → policies");
  const line = growth === undefined ? "" : `\nexponent of stack file → manifests → policies: ${growth.toFixed(2)}`;
  return `${title(measured)}\n${table.toString()}${line}`;
}

/** Between the two largest sizes; undefined with fewer. */
function growthOf({ rows }: Results, what: string): number | undefined {
  const points = rows.flatMap((row) =>
    row.what === what && row.clusters !== undefined
      ? [{ size: row.clusters, cost: row.programs["program"]?.median ?? Number.NaN }]
      : [],
  );
  const [small, large] = points.slice(-2);
  return small === undefined || large === undefined ? undefined : exponent(small, large);
}

const [BEGIN, END] = ["<!-- npm run bench -- --page writes this -->", "<!-- to here -->"];

/** Writes benchmarks.json, and table and plot of benchmarks.md between their marks. What was not measured now stays. */
export function writePage(latest: Results): void {
  const folder = join(PROJECT, "docs", "contributing");
  const [page, file] = [join(folder, "benchmarks.md"), join(folder, "benchmarks.json")];
  const { rows: earlier } = JSON.parse(readFileSync(file, "utf8")) as Results;
  const measured = { ...latest, rows: mergedRows(earlier, latest.rows) };
  replaceFile(file, `${JSON.stringify(measured, null, 2)}\n`);
  const [before = "", rest = ""] = readFileSync(page, "utf8").split(BEGIN);
  const after = rest.slice(rest.indexOf(END) + END.length);
  const rows = [HEAD, HEAD.map(() => "---"), ...cells(measured)].map((row) => `| ${row.join(" | ")} |`);
  const text = [`${title(measured)}.`, "", ...rows, "", ...plot(measured), ""].join("\n");
  replaceFile(page, `${before}${BEGIN}\n${text}\n${END}${after}`);
}

/** By size, and within a size in the order of the first measurements. */
function mergedRows(earlier: readonly Row[], latest: readonly Row[]): Row[] {
  const byFigure = new Map<string, Row>();
  for (const row of [...earlier, ...latest]) {
    const key = `${row.what} ${row.clusters ?? ""}`;
    const programs = { ...byFigure.get(key)?.programs, ...row.programs };
    byFigure.set(key, { ...byFigure.get(key), ...row, programs });
  }
  const order = [...new Set([...earlier, ...latest].map(({ what }) => what))];
  return [...byFigure.values()].sort(
    (one, other) => (one.clusters ?? 0) - (other.clusters ?? 0) || order.indexOf(one.what) - order.indexOf(other.what),
  );
}

/** Seconds a cluster, at the sizes of every program: what stays flat grows with the work and no faster. */
function plot({ rows }: Results): string[] {
  const all = rows.filter(({ what, clusters }) => what === "up" && clusters !== undefined);
  const names = [...new Set(all.flatMap(({ programs }) => Object.keys(programs)))];
  const ups = all.filter(({ programs }) => names.every((name) => programs[name] !== undefined));
  const lines = names.map((name) => {
    const points = ups.map(({ programs, clusters = 1 }) => (programs[name]?.median ?? Number.NaN) / clusters);
    return `  line "${name}" [${points.map((point) => point.toFixed(2)).join(", ")}]`;
  });
  const sizes = ups.map(({ clusters }) => `"${clusters}"`).join(", ");
  return [
    "```mermaid",
    "xychart-beta",
    '  title "up: seconds per cluster"',
    `  x-axis "clusters" [${sizes}]`,
    ...lines,
    "```",
  ];
}
