import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { RULES } from "../../../policy/rules/index.ts";
import { requireTools } from "../../support/skip.ts";
import { NEXT_YEAR } from "../../support/stack-fixture.ts";
import { packed } from "../package/pack.ts";
import { allViolations } from "./pack-all-violations.ts";
import { linkDependencies, type Preview, type ProgramFolder, programFolder } from "./pack-engine.ts";
import { type PackResource, type ValidResources, validResources } from "./pack-fixture.ts";
import others from "./pack-program.ts";
import { PACK, startPack, urnOf, type Violation, withoutReason } from "./pack-server.ts";
import { PACK_VIOLATIONS, type PackViolation, put } from "./pack-violations.ts";

const INSECURE = wrongOf("prism-central-tls-is-verified");
const EVEN = wrongOf("control-plane-count-is-odd");
const BUNDLE = wrongOf("trust-bundle-is-valid");
const SHARED = wrongOf("endpoints-are-unique");

/** Where the chart of kcm's release is: a folder of the test run. */
const kcmChart = join(mkdtempSync(join(tmpdir(), "k0rdent-nutanix-kcm-")), "kcm");

describe("the policy pack under the engine", function () {
  this.timeout(600_000);
  let program: ProgramFolder;
  let folder = "";
  let unpacked = "";

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "k0rdent-nutanix-packed-")));
    unpacked = join(folder, "node_modules", "k0rdent-nutanix-policy");
    await cp(join(PACK, "..", "tsconfig.json"), join(folder, "tsconfig.json"));
    const files = [
      "index.ts",
      "engine-config.ts",
      "policies.ts",
      "targets.ts",
      "rules",
      "main.cjs",
      "PulumiPolicy.yaml",
      "README.md",
    ];
    await packed({
      from: PACK,
      files: [...files, "tsconfig.build.json"],
      copy: join(folder, "policy"),
      into: unpacked,
    });
  });
  after(async () => {
    for (const one of [folder, dirname(kcmChart)]) await rm(one, { recursive: true, force: true });
  });

  it("is packed as compiled modules, and starts below node_modules", async () => {
    await linkDependencies(folder);
    const files = (await readdir(unpacked, { recursive: true })).sort();
    const sources = (await readdir(join(PACK, "rules"))).map((name) => `dist/rules/${name.replace(/\.ts$/, ".js")}`);
    const modules = [
      "dist",
      "dist/engine-config.js",
      "dist/index.js",
      "dist/policies.js",
      "dist/rules",
      "dist/targets.js",
      ...sources,
    ];
    assert.deepEqual(files, ["PulumiPolicy.yaml", "README.md", "main.cjs", "package.json", ...modules].sort());
    const pack = await startPack(unpacked);
    const said = await Promise.all(resources(EVEN).map((resource) => pack.analyze(resource)));
    pack.stop();
    assert.deepEqual(
      said.flat().map(({ policy }) => policy),
      ["control-plane-count-is-odd"],
    );
  });

  describe("with the real engine and plugin", () => {
    before(async function () {
      const tools = await requireTools(this, ["pulumi", "pulumi-resource-kubernetes"]);
      program = await programFolder(tools, others);
      await writeChart(kcmChart, validResources().kcm.props["version"]);
    });
    after(() => program?.remove());

    it("says nothing of sound resources, not even that it could not judge one", async () => {
      expect(await program.preview(resources()), { passed: true, violations: [] });
    });

    it("rejects each resource that breaks a rule, and says nothing else", async () => {
      const wrong = [INSECURE, EVEN, BUNDLE];
      const violations = wrong.map((one) => violation(one, "mandatory"));
      expect(await program.preview(resources(...wrong)), { passed: false, violations });
    });

    it("rejects what shows only between two resources", async () => {
      expect(await program.preview(resources(SHARED)), { passed: false, violations: [violation(SHARED, "mandatory")] });
    });

    it("warns in dev of what it rejects in production", async () => {
      const config = { "k0rdent-nutanix:environment": "dev" };
      const violations = [violation(INSECURE, "advisory")];
      expect(await program.preview(resources(INSECURE), { config }), { passed: true, violations });
    });

    it("takes a lower level from Pulumi's own configuration of packs with a reason and a day only", async () => {
      const why = { reason: "two hosts until May", until: NEXT_YEAR };
      for (const enforcementLevel of ["advisory", "disabled"] as const) {
        const said = async (settings: object) => {
          const levels = { [EVEN.rule]: { enforcementLevel, ...settings } };
          const { passed, violations } = await program.preview(resources(EVEN), { levels });
          return [passed, violations.map(({ level, message }) => `${level} ${/.*$/.exec(message)?.[0].split(":")[0]}`)];
        };
        const found = enforcementLevel === "advisory" ? [`advisory ${EVEN.at}`] : [];
        const path = `policy.${EVEN.rule}`;
        assert.deepEqual(await said(why), [true, [`advisory ${path}.enforcementLevel`, ...found]]);
        assert.deepEqual(await said({}), [false, [`mandatory ${path}.reason`, ...found]]);
      }
    });

    it("adds the labels of its configuration where they are missing, and changes nothing else", async () => {
      const all = resources();
      const words = { enforcementLevel: "remediate", labels: { team: "platform" } } as const;
      put(all[1]!, "metadata/labels", { owner: "me" });
      const untouched = await program.preview(all);
      const { inputs, violations, passed, printed } = await program.preview(all, {
        levels: { "clusters-have-required-labels": words },
      });
      assert.deepEqual([passed, violations], [true, []], printed);
      const wanted = structuredClone(untouched.inputs);
      wanted["ClusterDeployment/edge"].metadata.labels = { team: "platform" };
      wanted["ClusterDeployment/demo"].metadata.labels = { owner: "me", team: "platform" };
      assert.deepEqual(inputs, wanted);
    });

    it("prints each rule that a pack can ask once, in one preview of a stack that breaks every one", async () => {
      const charts = await servedChart(folder);
      const otherChart = join(PACK, "../charts/cluster-api-provider-nutanix");
      const { resources, paths, config } = allViolations({ chart: charts.address, otherChart });
      const preview = await program.preview(resources, { levels: config }).finally(charts.close);
      const asked = RULES.filter(({ comparesUpdates }) => !comparesUpdates);
      const violations = asked.map(({ name, why, level }) => ({
        policy: name,
        level: level({ environment: "production" }),
        message: `${why}\n${paths[name]}`,
      }));
      expect(
        { ...preview, violations: preview.violations.map(({ urn: _, ...said }) => said) },
        { passed: false, violations },
      );
      const printed = [...preview.printed.matchAll(/^ +- \[(?:mandatory|advisory)\] +(\S+)/gm)].map(([, name]) => name);
      assert.deepEqual(printed.sort(), asked.map(({ name }) => name).sort());
      assert.ok(!/\bcanary\b/.test(preview.violations.map(({ message }) => message).join("\n")));
    });

    it("works in another program, packed and installed", async () => {
      await cp(unpacked, join(program.folder, "node_modules", "k0rdent-nutanix-policy"), { recursive: true });
      const preview = await program.preview(resources(INSECURE), { pack: "node_modules/k0rdent-nutanix-policy" });
      expect(preview, { passed: false, violations: [violation(INSECURE, "mandatory")] });
    });
  });
});

function wrongOf(name: string): PackViolation {
  return PACK_VIOLATIONS.find(({ rule }) => rule === name)!;
}

/** A chart of nothing: the plugin takes the version of a release from it. */
async function writeChart(chart: string, version: string): Promise<void> {
  await mkdir(chart, { recursive: true });
  await writeFile(join(chart, "Chart.yaml"), `apiVersion: v2\nname: kcm\nversion: ${version}\n`);
}

/** A server without TLS that has a chart of kcm, as long as it is wanted: the plugin fetches what a release names. */
async function servedChart(folder: string): Promise<{ address: string; close: () => void }> {
  const cwd = join(folder, "untested");
  await writeChart(join(cwd, "kcm"), String(wrongOf("kcm-version-is-tested").value));
  await execa("tar", ["-czf", "kcm.tgz", "kcm"], { cwd });
  const chart = await readFile(join(cwd, "kcm.tgz"));
  const server = createServer((_, response) => response.end(chart)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}/kcm.tgz`, close: () => server.close() };
}

/** The sound resources with some rules broken; charts are folders, since the plugin fetches what a release names. */
function resources(...wrong: readonly PackViolation[]): PackResource[] {
  const all: ValidResources = validResources();
  put(all.kcm, "chart", kcmChart);
  put(all.capx, "chart", join(PACK, "../charts/nutanix-capx"));
  for (const { of, path, value } of wrong) put(all[of], path, value);
  return Object.values(all);
}

function violation({ rule, of, at }: PackViolation, level: string): Violation {
  const { why } = RULES.find(({ name }) => name === rule)!;
  return { policy: rule, level, message: `${why}\n${at}`, urn: urnOf(validResources()[of]) };
}

function expect(preview: Preview, { passed, violations }: { passed: boolean; violations: Violation[] }): void {
  const inOrder = (list: readonly Violation[]) =>
    [...list].sort((one, other) => one.policy.localeCompare(other.policy));
  assert.deepEqual(inOrder(preview.violations.map(withoutReason)), inOrder(violations), preview.printed);
  assert.equal(preview.passed, passed, preview.printed);
}
