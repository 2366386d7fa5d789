import assert from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import {
  ALL_CHARTS,
  digests,
  lockCharts,
  nextVersion,
  pushCharts,
  VERSIONS_FILE,
} from "../../../cli/commands/charts.ts";
import { CHARTS_FOLDER, chartRepository, chartVersions } from "../../../manifests/chart-archive.ts";
import { CLUSTER_CHART_VERSIONS, clusterTemplate } from "../../../manifests/cluster-deployment.ts";
import { PROVIDER_CHART_VERSION } from "../../../manifests/management-object.ts";
import { CLUSTER_CHARTS, PROVIDER } from "../../../manifests/names.ts";
import { requireTools } from "../../support/skip.ts";
import { startRegistry } from "./stand-in-registry.ts";

const lockedIn = (folder: string) => JSON.parse(readFileSync(join(folder, VERSIONS_FILE), "utf8"));

describe("the versions of the charts", () => {
  it("match the digests in charts/versions.json", async () => {
    assert.deepEqual(
      await digests(),
      lockedIn(CHARTS_FOLDER),
      "a chart was changed: give it a new version (npm run charts -- next <chart> <version>) and then, or where none was published, run npm run charts -- lock",
    );
  });

  it("are the versions with templates, here and in nutanix-capx", async () => {
    const { templates } = parse(readFileSync(join(CHARTS_FOLDER, "nutanix-capx/values.yaml"), "utf8"));
    const locked = lockedIn(CHARTS_FOLDER);
    for (const mode of ["hcp", "standalone"] as const) {
      const [newest, ...earlier] = (await chartVersions(CLUSTER_CHARTS[mode])).map(({ version }) => version);
      assert.deepEqual(templates[mode], CLUSTER_CHART_VERSIONS[mode]);
      assert.deepEqual([...templates[mode]].sort(), [...earlier, newest].sort());
      assert.equal(templates[mode].at(-1), newest);
      assert.deepEqual(Object.keys(locked[CLUSTER_CHARTS[mode]]).sort(), [...templates[mode]].sort());
      assert.equal(clusterTemplate(mode), `${CLUSTER_CHARTS[mode]}-${newest?.replaceAll(".", "-")}`);
    }
    assert.deepEqual([templates.provider], [PROVIDER_CHART_VERSION]);
    assert.equal((await chartVersions(PROVIDER))[0]?.version, PROVIDER_CHART_VERSION);
  });

  it("are stored byte for byte when the next one is set", async () => {
    const folder = await mkdtemp(join(tmpdir(), "k0rdent-nutanix-next-"));
    try {
      await cp(CHARTS_FOLDER, folder, { recursive: true });
      const chart = CLUSTER_CHARTS.hcp;
      const [before] = await chartVersions(chart, folder);
      assert.ok(before);
      assert.match(
        await nextVersion(chart, "1.1.0", folder),
        /^charts\/released\/nutanix-k0s-hcp-1\.0\.0\.tgz: stored;/,
      );
      appendFileSync(join(folder, chart, "values.yaml"), "# changed\n");
      const [after, kept] = await chartVersions(chart, folder);
      assert.deepEqual([after?.version, kept?.version, kept?.digest], ["1.1.0", "1.0.0", before.digest]);
      const { data, binaryData } = await chartRepository([chart], folder);
      const entries = parse(data["index.yaml"] ?? "").entries[chart];
      assert.deepEqual(
        entries.map(({ version, digest }: { version: string; digest: string }) => [version, digest]),
        [
          ["1.1.0", after?.digest],
          ["1.0.0", before.digest],
        ],
      );
      assert.equal(binaryData["nutanix-k0s-hcp-1.0.0.tgz"], before.bytes.toString("base64"));
      await lockCharts(folder);
      assert.deepEqual(lockedIn(folder)[chart], { "1.1.0": after?.digest, "1.0.0": before.digest });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("are not stored from a changed chart, nor followed by an earlier one", async () => {
    const folder = await mkdtemp(join(tmpdir(), "k0rdent-nutanix-next-"));
    try {
      await cp(CHARTS_FOLDER, folder, { recursive: true });
      for (const version of ["1.0.0", "0.9.9", "1.1", "x"]) {
        await assert.rejects(nextVersion(PROVIDER, version, folder), {
          message: `"${version}" is not a version after 1.0.0; use three numbers, such as 1.1.0`,
        });
      }
      await assert.rejects(nextVersion("nginx", "1.1.0", folder), { message: /^"nginx" is not a chart; use / });
      appendFileSync(join(folder, PROVIDER, "values.yaml"), "# changed\n");
      await assert.rejects(nextVersion(PROVIDER, "1.1.0", folder), {
        message: `charts/${PROVIDER} differs from its locked version 1.0.0; restore it, and change it afterwards`,
      });
      assert.ok(!existsSync(join(folder, "released")));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("npm run charts -- push", function () {
  this.timeout(60_000);

  it("rejects an address that is not an OCI registry", async () => {
    for (const address of ["https://registry.example.com", "oci://user:canary@registry.example.com/charts", ""]) {
      await assert.rejects(pushCharts(address, { helm: "helm", plainHttp: false }), ({ message }: Error) => {
        assert.match(message, /is not an OCI registry; write oci:/);
        return !message.includes("canary");
      });
    }
  });

  it("pushes each chart once, the same bytes that are served, and never changes a version", async function () {
    const { helm } = await requireTools(this, ["helm"]);
    const registry = await startRegistry();
    const folder = await mkdtemp(join(tmpdir(), "k0rdent-nutanix-push-test-"));
    try {
      const options = { helm, plainHttp: true };
      const first = await pushCharts(registry.address, options);
      assert.deepEqual(
        first.map((line) => line.replace(/sha256:.*/, "…")),
        ALL_CHARTS.map((chart) => `${registry.address}/${chart}:1.0.0 pushed, …`),
      );
      const at = `${registry.address}/${PROVIDER}`;
      await execa(helm, ["pull", at, "--version", "1.0.0", "--plain-http", "--destination", folder]);
      const [chart] = await chartVersions(PROVIDER);
      assert.ok(chart && readFileSync(join(folder, chart.file)).equals(chart.bytes));

      const before = registry.asked.length;
      const again = await pushCharts(registry.address, options);
      assert.deepEqual(
        again,
        ALL_CHARTS.map((name) => `${registry.address}/${name}:1.0.0 exists`),
      );
      assert.deepEqual(
        registry.asked.slice(before).filter((line) => line.startsWith("PUT")),
        [],
      );

      await execa(helm, ["create", PROVIDER], { cwd: folder });
      await execa(helm, ["package", PROVIDER, "--version", "1.0.0"], { cwd: folder });
      await execa(helm, ["push", join(folder, chart.file), registry.address, "--plain-http"]);
      await assert.rejects(pushCharts(registry.address, options), {
        message: `${at}:1.0.0 exists with other content and is never changed; set a new version: npm run charts -- next ${PROVIDER} <version>`,
      });
    } finally {
      await registry.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
