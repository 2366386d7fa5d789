import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { execa } from "execa";
import { CHARTS_FOLDER, chartVersions, type PackedChart } from "../../manifests/chart-archive.ts";
import { CAPX_RELEASE, CLUSTER_CHARTS, PROVIDER } from "../../manifests/names.ts";
import { compareVersions } from "../../policy/rules/versions.ts";
import { formatValue } from "../../policy/rules/violation.ts";
import { ensureTools } from "../../sandbox/ensure-tools.ts";
import { replaceFile } from "../../sandbox/tools/replace-file.ts";
import { Failure } from "../output/failure.ts";
import { print } from "../output/print.ts";
import { withTemporaryFolder } from "../stack/temporary-folder.ts";

const HELP = `
push  packs every version of every chart and pushes it to an OCI registry with helm, for capx.chartRepository. Compares a
      version that exists, and fails if its content differs. Log in first: helm registry login.
lock  writes the digests of the packed charts to charts/versions.json, after a change of unpublished charts
next  stores the archive of the current version in charts/released and sets the next version, before a chart is changed

Examples:
  $ npm run charts -- push oci://registry.example.com/charts
  $ npm run charts -- next nutanix-k0s-hcp 1.1.0

Exit codes: 0 done, 1 failed, 2 usage error.`;

/** The charts of this project, all of them. */
export const ALL_CHARTS = [PROVIDER, ...Object.values(CLUSTER_CHARTS), CAPX_RELEASE];
/** Digests of all versions, by chart and version. */
export const VERSIONS_FILE = "versions.json";

type ChartDigests = Record<string, Record<string, string>>;

export function registerCharts(program: Command): void {
  const charts = program.command("charts").description("pack and push the Helm charts").addHelpText("after", HELP);
  charts
    .command("push <registry>")
    .description("push every version of every chart to oci://registry/path")
    .option("--plain-http", "use a registry without TLS")
    .action(async (registry: string, { plainHttp = false }: { plainHttp?: boolean }) => {
      const { helm } = await ensureTools(["helm"]);
      for (const line of await pushCharts(registry, { helm, plainHttp })) print(line);
    });
  charts
    .command("lock")
    .description("write charts/versions.json")
    .action(async () => {
      for (const file of await lockCharts()) print(`charts/${file}: written`);
    });
  charts
    .command("next <chart> <version>")
    .description("store a chart's current version and set the next one")
    .action(async (chart: string, version: string) => {
      print(await nextVersion(chart, version));
    });
}

/**
 * Pushes every version of every chart. Returns a line about each.
 *
 * @throws Failure when the address is invalid, helm fails, or the registry has other content under a version.
 */
export async function pushCharts(registry: string, options: { helm: string; plainHttp: boolean }): Promise<string[]> {
  if (!/^oci:\/\/[^\s@]+$/.test(registry)) {
    throw new Failure(`${formatValue(registry)} is not an OCI registry; write oci://registry/path, without a login`, 2);
  }
  return withTemporaryFolder("push", async (folder) => {
    await mkdir(join(folder, "there"));
    const lines: string[] = [];
    for (const name of ALL_CHARTS) {
      for (const chart of await chartVersions(name)) lines.push(await push(chart, registry, { ...options, folder }));
    }
    return lines;
  });
}

interface Push {
  readonly helm: string;
  readonly plainHttp: boolean;
  readonly folder: string;
}

async function push(chart: PackedChart, registry: string, { helm, plainHttp, folder }: Push): Promise<string> {
  const at = `${registry.replace(/\/$/, "")}/${chart.chart}`;
  const flags = plainHttp ? ["--plain-http"] : [];
  const there = join(folder, "there");
  const pulled = await execa(helm, ["pull", at, "--version", chart.version, "--destination", there, ...flags], {
    reject: false,
  });
  if (pulled.exitCode === 0) {
    if ((await readFile(join(there, chart.file))).equals(chart.bytes)) return `${at}:${chart.version} exists`;
    throw new Failure(
      `${at}:${chart.version} exists with other content and is never changed; set a new version: npm run charts -- next ${chart.chart} <version>`,
    );
  }
  if (!/not found|404|name unknown|manifest unknown/i.test(pulled.stderr)) throw registryFailure(at, pulled.stderr);
  const file = join(folder, chart.file);
  await writeFile(file, chart.bytes);
  const pushed = await execa(helm, ["push", file, registry, ...flags], { reject: false });
  if (pushed.exitCode !== 0) throw registryFailure(at, pushed.stderr);
  return `${at}:${chart.version} pushed, sha256:${chart.digest}`;
}

function registryFailure(at: string, stderr: string): Failure {
  const reason = stderr.trim().split("\n").at(-1) ?? "";
  return new Failure(`${at} cannot be read or written: ${reason}; run helm registry login, and try again`);
}

/** Writes the digests of all versions; those of earlier versions do not change. Returns the files' names. */
export async function lockCharts(folder = CHARTS_FOLDER): Promise<string[]> {
  const versions = await digests(folder);
  replaceFile(join(folder, VERSIONS_FILE), `${JSON.stringify(versions, null, 2)}\n`);
  return [VERSIONS_FILE];
}

/** Digests of the packed charts, by chart and version. */
export async function digests(folder = CHARTS_FOLDER): Promise<ChartDigests> {
  const all = await Promise.all(ALL_CHARTS.map((name) => chartVersions(name, folder)));
  return Object.fromEntries(
    all.map((versions, index) => [
      ALL_CHARTS[index],
      Object.fromEntries(versions.map(({ version, digest }) => [version, digest])),
    ]),
  );
}

/**
 * Stores the archive of the chart's current version, and writes the next version to its Chart.yaml.
 *
 * @throws Failure for an unknown chart, a version that is not later, or a chart that was changed after its lock.
 */
export async function nextVersion(name: string, version: string, folder = CHARTS_FOLDER): Promise<string> {
  if (!ALL_CHARTS.includes(name)) throw new Failure(`"${name}" is not a chart; use ${ALL_CHARTS.join(", ")}`, 2);
  const [now] = await chartVersions(name, folder);
  if (now === undefined) throw new Failure(`${name} cannot be packed`);
  if (!/^\d+\.\d+\.\d+$/.test(version) || compareVersions(version, now.version) <= 0) {
    throw new Failure(`"${version}" is not a version after ${now.version}; use three numbers, such as 1.1.0`, 2);
  }
  const locked = JSON.parse(await readFile(join(folder, VERSIONS_FILE), "utf8")) as ChartDigests;
  if (locked[name]?.[now.version] !== now.digest) {
    throw new Failure(
      `charts/${name} differs from its locked version ${now.version}; restore it, and change it afterwards`,
    );
  }
  const kept = join(folder, "released", now.file);
  await mkdir(dirname(kept), { recursive: true });
  replaceFile(kept, now.bytes);
  const file = join(folder, name, "Chart.yaml");
  replaceFile(file, (await readFile(file, "utf8")).replace(/^version: .*$/m, `version: ${version}`));
  return `charts/released/${now.file}: stored; charts/${name} is ${version}. Change it, append the version to templates of nutanix-capx and to CLUSTER_CHART_VERSIONS, and run npm run charts -- lock`;
}
