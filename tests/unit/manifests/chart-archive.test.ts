import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import { execa } from "execa";
import { extract } from "tar-stream";
import { parse } from "yaml";
import { capxValues, providerObjects } from "../../../manifests/capx-release.ts";
import { CHARTS_FOLDER, chartRepository } from "../../../manifests/chart-archive.ts";
import { CLUSTER_CHARTS, PROVIDER } from "../../../manifests/names.ts";
import { needsHelm, render } from "../../integration/charts/helm-template.ts";
import { requireTools } from "../../support/skip.ts";

const CHARTS = [PROVIDER, ...Object.values(CLUSTER_CHARTS)];

/** Files of an archive, by path. */
async function unpack(bytes: Buffer): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const tar = extract();
  tar.on("entry", (header, stream, next) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk) => chunks.push(chunk as Buffer));
    stream.on("end", () => {
      files.set(header.name, Buffer.concat(chunks).toString("utf8"));
      next();
    });
  });
  const done = new Promise<void>((resolve, reject) => tar.on("finish", () => resolve()).on("error", reject));
  tar.end(gunzipSync(bytes));
  await done;
  return files;
}

describe("the repository of the charts", () => {
  it("is the same bytes each time, wherever the charts lie and whenever they were touched", async () => {
    const folder = await mkdtemp(join(tmpdir(), "k0rdent-nutanix-charts-"));
    try {
      await cp(CHARTS_FOLDER, folder, { recursive: true });
      await utimes(join(folder, PROVIDER, "Chart.yaml"), 1, 1);
      assert.deepEqual(await chartRepository(CHARTS, folder), await chartRepository(CHARTS));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("lists each chart with the checksum of its archive, which has the chart's files and its library chart", async () => {
    const { data, binaryData } = await chartRepository(CHARTS);
    const index = parse(data["index.yaml"] ?? "");
    assert.equal(index.apiVersion, "v1");
    assert.deepEqual(Object.keys(index.entries).sort(), [...CHARTS].sort());
    for (const chart of CHARTS) {
      const [entry] = index.entries[chart];
      const bytes = Buffer.from(binaryData[entry.urls[0]] ?? "", "base64");
      assert.equal(entry.digest, createHash("sha256").update(bytes).digest("hex"));
      const files = await unpack(bytes);
      const sources = (folder: string, path: string) =>
        globSync("**/*", { cwd: join(CHARTS_FOLDER, folder), withFileTypes: true })
          .filter((file) => file.isFile())
          .map((file) => join(file.parentPath, file.name))
          .map((file) => [join(path, relative(join(CHARTS_FOLDER, folder), file)), file] as const);
      const library = chart === PROVIDER ? [] : sources("nutanix-k0s-lib", join(chart, "charts/nutanix-k0s-lib"));
      const expected = new Map([...sources(chart, chart), ...library]);
      assert.deepEqual([...files.keys()].sort(), [...expected.keys()].sort());
      for (const [name, text] of files) assert.equal(text, await readFile(expected.get(name) ?? "", "utf8"), name);
    }
  });

  it("changes its digest with a chart", async () => {
    const folder = await mkdtemp(join(tmpdir(), "k0rdent-nutanix-charts-"));
    try {
      await cp(CHARTS_FOLDER, folder, { recursive: true });
      await writeFile(join(folder, PROVIDER, "values.yaml"), "changed: true\n");
      assert.notEqual((await chartRepository(CHARTS, folder)).digest, (await chartRepository(CHARTS)).digest);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("is read by helm", async function () {
    const { helm } = await requireTools(this, ["helm"]);
    const { data, binaryData } = await chartRepository(CHARTS);
    const folder = await mkdtemp(join(tmpdir(), "k0rdent-nutanix-charts-"));
    try {
      for (const [name, text] of Object.entries(data)) await writeFile(join(folder, name), text);
      for (const [name, text] of Object.entries(binaryData)) await writeFile(join(folder, name), text, "base64");
      for (const name of Object.keys(binaryData)) {
        const { stdout } = await execa(helm, ["show", "chart", join(folder, name)]);
        assert.ok(CHARTS.includes(parse(stdout).name));
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }).timeout(60_000);
});

describe("the objects of the release nutanix-capx", () => {
  for (const chartRepository of [undefined, "oci://registry.example.com/charts"]) {
    it(`are those that helm renders, ${chartRepository === undefined ? "with the charts served" : "with a registry"}`, async function () {
      await needsHelm.call(this);
      const values = capxValues({ kcmVersion: "1.2.0", capxVersion: "1.7.0", chartRepository });
      const rendered = await render("nutanix-capx", { release: "nutanix-capx", values });
      const text = ({
        apiVersion,
        kind,
        metadata,
      }: {
        apiVersion: string;
        kind: string;
        metadata: { name: string; namespace?: string };
      }) => `${apiVersion} ${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
      assert.deepEqual(providerObjects(chartRepository).map(text).sort(), rendered.map(text).sort());
    }).timeout(60_000);
  }
});
