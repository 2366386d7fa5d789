/** This package's charts, packed for Helm: the same files make the same bytes, on every machine and at any time. */
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { gzipSync } from "fflate";
import { pack } from "tar-stream";
import { parse } from "yaml";
import { yamlText } from "../kubernetes/yaml-text.ts";

/** The folder of this package's charts. */
export const CHARTS_FOLDER = fileURLToPath(new URL("../charts/", import.meta.url));

/** A Helm repository in two maps: file name to text, and file name to base64. */
export interface ChartRepository {
  readonly data: Readonly<Record<string, string>>;
  readonly binaryData: Readonly<Record<string, string>>;
  /** SHA-256 over all of it, hexadecimal. */
  readonly digest: string;
}

/** A chart of one version, packed. */
export interface PackedChart {
  readonly chart: string;
  readonly version: string;
  /** File name: `<chart>-<version>.tgz`. */
  readonly file: string;
  readonly bytes: Buffer;
  /** SHA-256 of the bytes, hexadecimal. */
  readonly digest: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

interface ChartMetadata {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: readonly { readonly name: string }[];
}

const EPOCH = new Date(0);
/** Folder of the archives of earlier versions, which running clusters use. */
const RELEASED = "released";

/** Packs charts with their earlier versions and the index that Helm and Flux read. Throws when a chart's folder cannot be read. */
export async function chartRepository(charts: readonly string[], folder = CHARTS_FOLDER): Promise<ChartRepository> {
  const versions = await Promise.all(charts.map((chart) => chartVersions(chart, folder)));
  const packed = versions.flat();
  const entries = Object.fromEntries(charts.map((chart, index) => [chart, versions[index]?.map(entryOf)]));
  const index = yamlText({ apiVersion: "v1", entries, generated: EPOCH.toISOString() });
  const digest = createHash("sha256").update(index).digest("hex");
  return {
    data: { "index.yaml": index },
    binaryData: Object.fromEntries(packed.map(({ file, bytes }) => [file, bytes.toString("base64")])),
    digest,
  };
}

/** All versions of a chart: the one of its folder, then the released ones. */
export async function chartVersions(chart: string, folder = CHARTS_FOLDER): Promise<PackedChart[]> {
  const now = await packChart(folder, chart);
  const released = await readdir(join(folder, RELEASED)).catch(() => []);
  const earlier = released
    .filter((file) => file.startsWith(`${chart}-`) && /^\d[^/]*\.tgz$/.test(file.slice(chart.length + 1)))
    .sort();
  const kept = earlier.map(async (file) => {
    const version = file.slice(chart.length + 1, -".tgz".length);
    const bytes = await readFile(join(folder, RELEASED, file));
    return { ...now, version, file, bytes, digest: sha256(bytes), metadata: { ...now.metadata, version } };
  });
  return [now, ...(await Promise.all(kept))];
}

function entryOf({ metadata, digest, file }: PackedChart) {
  return { ...metadata, created: EPOCH.toISOString(), digest, urls: [file] };
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Writes charts into a folder as Helm renders them, each with the library charts that it depends on. */
export async function writeCharts(charts: readonly string[], target: string, folder = CHARTS_FOLDER): Promise<void> {
  for (const chart of charts) {
    for (const [path, source] of await chartFiles(folder, chart)) {
      await mkdir(dirname(join(target, chart, path)), { recursive: true });
      await copyFile(source, join(target, chart, path));
    }
  }
}

async function packChart(folder: string, name: string): Promise<PackedChart> {
  const metadata = await chartMetadata(folder, name);
  const { name: chart, version } = metadata;
  const bytes = await archive(folder, chart);
  return { chart, version, file: `${chart}-${version}.tgz`, bytes, digest: sha256(bytes), metadata: { ...metadata } };
}

async function archive(folder: string, chart: string): Promise<Buffer> {
  const tar = pack();
  for (const [path, source] of await chartFiles(folder, chart)) {
    tar.entry({ name: `${chart}/${path}`, mtime: EPOCH, mode: 0o644 }, await readFile(source));
  }
  tar.finalize();
  // Not Node's zlib: its bytes, and with them the digest, differ between versions of Node.
  return Buffer.from(gzipSync(await buffer(tar), { level: 9, mtime: EPOCH }));
}

/** Files of a chart by their sorted paths in it, with the library charts that it depends on below `charts/`. */
async function chartFiles(folder: string, chart: string): Promise<[path: string, source: string][]> {
  const { dependencies = [] } = await chartMetadata(folder, chart);
  const own = await filesBelow(join(folder, chart));
  const vendored = await Promise.all(dependencies.map(({ name }) => filesBelow(join(folder, name), `charts/${name}/`)));
  return [...own, ...vendored.flat()].sort(([one], [other]) => (one < other ? -1 : 1));
}

async function filesBelow(folder: string, prefix = ""): Promise<[path: string, source: string][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((source) => [prefix + source.slice(folder.length + 1).replaceAll(sep, "/"), source]);
}

async function chartMetadata(folder: string, chart: string): Promise<ChartMetadata> {
  return parse(await readFile(join(folder, chart, "Chart.yaml"), "utf8")) as ChartMetadata;
}
