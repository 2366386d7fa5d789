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

const EPOCH = new Date(0);

/** Packs charts and writes the index that Helm and Flux read. Throws when a chart's folder cannot be read. */
export async function chartRepository(charts: readonly string[], folder = CHARTS_FOLDER): Promise<ChartRepository> {
  const packed = await Promise.all(charts.map((chart) => packChart(join(folder, chart))));
  const entries = Object.fromEntries(packed.map(({ chart, entry }) => [chart, [entry]]));
  const index = stringify({ apiVersion: "v1", entries, generated: EPOCH.toISOString() });
  const digest = createHash("sha256").update(index).digest("hex");
  return {
    data: { "index.yaml": index },
    binaryData: Object.fromEntries(packed.map(({ file, bytes }) => [file, bytes.toString("base64")])),
    digest,
  };
}

async function packChart(folder: string) {
  const metadata = parse(await readFile(join(folder, "Chart.yaml"), "utf8")) as { name: string; version: string };
  const bytes = await archive(folder, metadata.name);
  const file = `${metadata.name}-${metadata.version}.tgz`;
  const digest = createHash("sha256").update(bytes).digest("hex");
  return {
    chart: metadata.name,
    file,
    bytes,
    entry: { ...metadata, created: EPOCH.toISOString(), digest, urls: [file] },
  };
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
