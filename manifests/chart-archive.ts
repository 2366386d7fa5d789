/** This package's charts, packed for Helm: the same bytes from the same files, whoever packs them and when. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "fflate";
import { pack } from "tar-stream";
import { parse, stringify } from "yaml";

/** The folder of the charts that this package brings. */
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

const EPOCH = new Date(0);
/** Where archives of earlier versions are kept, for the clusters that are made from them. */
const RELEASED = "released";

/** Packs charts, beside their earlier versions, and writes the index that Helm and Flux read. Throws when a chart's folder cannot be read. */
export async function chartRepository(charts: readonly string[], folder = CHARTS_FOLDER): Promise<ChartRepository> {
  const versions = await Promise.all(charts.map((chart) => chartVersions(chart, folder)));
  const packed = versions.flat();
  const entries = Object.fromEntries(charts.map((chart, index) => [chart, versions[index]?.map(entryOf)]));
  const index = stringify({ apiVersion: "v1", entries, generated: EPOCH.toISOString() });
  const digest = createHash("sha256").update(index).digest("hex");
  return {
    data: { "index.yaml": index },
    binaryData: Object.fromEntries(packed.map(({ file, bytes }) => [file, bytes.toString("base64")])),
    digest,
  };
}

/** All versions of a chart: the one of its folder, then those that are kept. */
export async function chartVersions(chart: string, folder = CHARTS_FOLDER): Promise<PackedChart[]> {
  const now = await packChart(join(folder, chart));
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

async function packChart(folder: string): Promise<PackedChart> {
  const metadata = parse(await readFile(join(folder, "Chart.yaml"), "utf8")) as { name: string; version: string };
  const { name: chart, version } = metadata;
  const bytes = await archive(folder, chart);
  return { chart, version, file: `${chart}-${version}.tgz`, bytes, digest: sha256(bytes), metadata };
}

function entryOf({ metadata, digest, file }: PackedChart) {
  return { ...metadata, created: EPOCH.toISOString(), digest, urls: [file] };
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function archive(folder: string, chart: string): Promise<Buffer> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  const tar = pack();
  for (const name of names) {
    const path = `${chart}/${name.split(sep).join("/")}`;
    tar.entry({ name: path, mtime: EPOCH, mode: 0o644 }, await readFile(join(folder, name)));
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  // Not Node's zlib: its bytes, and with them the digest, would change with the Node at hand.
  return Buffer.from(gzipSync(Buffer.concat(chunks), { level: 9, mtime: EPOCH }));
}
