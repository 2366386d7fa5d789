import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { yamlText } from "../kubernetes/yaml-text.ts";
import { type Crd, crdFolder, filesOf, lineOf, readCrds, STAND_IN, standInCrds } from "./crds.ts";
import { readJson } from "./tools/replace-file.ts";

export interface KcmChartOptions {
  /** The folder in which the chart's folder `kcm` is written. */
  directory: string;
  /** Version of kcm that the chart replaces, e.g. 1.2.0; it decides between the two lines. */
  version: string;
  /** A folder of released definitions, or "stand-in". Default: crdFolder(version), and stand-ins when there is none. */
  crds?: string | undefined;
}

export interface KcmChart {
  path: string;
  version: string;
  crds: "real" | "stand-in";
  /** How many definitions it brings. */
  count: number;
}

const TEMPLATES = join(import.meta.dirname, "kcm");

/** Writes the stand-in kcm chart: the definitions and an idle controller Deployment, nothing else. What is up to date is left alone. */
export async function writeKcmChart({ directory, version, crds }: KcmChartOptions): Promise<KcmChart> {
  const path = join(directory, "kcm");
  const folder = crds === STAND_IN ? undefined : (crds ?? crdFolder(version));
  const stamp = stampOf(folder, version);
  const stampFile = join(path, ".stamp.json");
  const written = readJson(stampFile) as { stamp: string; chart: KcmChart; size: number } | undefined;
  if (written?.stamp === stamp && written.chart.path === path && written.size === sizeOf(path)) return written.chart;
  const definitions = folder ? await readCrds(folder) : standInCrds(version);
  const chart: KcmChart = { path, version, crds: folder ? "real" : "stand-in", count: definitions.length };
  const draft = join(directory, ".kcm-draft");
  await writeChart(draft, version, definitions);
  await writeFile(join(draft, ".stamp.json"), JSON.stringify({ stamp, chart, size: sizeOf(draft) }));
  await rm(path, { recursive: true, force: true });
  await rename(draft, path);
  return chart;
}

/** Bytes of the chart's files but for the stamp: a torn one makes it smaller. */
function sizeOf(path: string): number {
  const files = existsSync(path) ? readdirSync(path, { recursive: true, encoding: "utf8" }) : [];
  return files
    .filter((file) => file !== ".stamp.json")
    .map((file) => statSync(join(path, file)))
    .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
}

async function writeChart(path: string, version: string, crds: readonly Crd[]): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(join(path, "definitions"), { recursive: true });
  await cp(join(TEMPLATES, "templates"), join(path, "templates"), { recursive: true });
  await cp(join(TEMPLATES, `values-${lineOf(version)}.yaml`), join(path, "values.yaml"));
  await writeFile(join(path, ".helmignore"), ".stamp.json\n");
  await writeFile(
    join(path, "Chart.yaml"),
    yamlText({
      apiVersion: "v2",
      name: "kcm",
      version,
      appVersion: version,
      description: "Stand-in for the kcm chart, for the sandbox only: definitions and an idle Deployment",
      type: "application",
    }),
  );
  for (const crd of crds) {
    // Helm hands these files on unread, so what looks like a template in them stays text.
    await writeFile(join(path, "definitions", `${crd.metadata.name}.json`), `${JSON.stringify(crd)}\n`);
  }
}

/** Changes when anything does that the chart is made of. */
function stampOf(folder: string | undefined, version: string): string {
  const own = [
    import.meta.filename,
    join(import.meta.dirname, "crds.ts"),
    join(import.meta.dirname, "crds", "crd-kinds.ts"),
  ];
  const files = [...own, ...filesOf(TEMPLATES), ...(folder ? filesOf(folder) : [])];
  const hash = createHash("sha256").update(`${version}\n`);
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}
