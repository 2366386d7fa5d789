import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { engineEnvironment, openEngine } from "../../../cli/engine/engine.ts";
import { PROJECT } from "../../../cli/stack/paths.ts";
import { TOOL_NAMES } from "../../../sandbox/ensure-tools.ts";
import { writeKcmChart } from "../../../sandbox/kcm-chart.ts";
import { requireTools } from "../../support/skip.ts";

/**
 * The state of the stack `dev` as `pulumi stack export` gave it after `npm start` at version 0.1.0, without the charts' data, the
 * outputs of components and the positions in the program.
 */
const RECORDED = join(import.meta.dirname, "recorded-state.json");

describe("a stack that an earlier version of the program deployed", () => {
  const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-recorded-"));
  const local = join(folder, "local");
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("loses no resource in the preview of this version: none is created, replaced or deleted", async function () {
    const tools = await requireTools(this, TOOL_NAMES);
    const project = readFileSync(join(PROJECT, "Pulumi.yaml"), "utf8").replace(/^main: .*$/m, "");
    writeFileSync(join(folder, "Pulumi.yaml"), project);
    const settings = parse(readFileSync(join(PROJECT, "Pulumi.dev.yaml"), "utf8"));
    const { path } = await writeKcmChart({ directory: folder, version: "1.2.0", crds: "stand-in" });
    settings.config["k0rdent-nutanix:management"].kubeconfig = "nowhere";
    settings.config["k0rdent-nutanix:management"].kcm.chart = path;
    writeFileSync(join(folder, "Pulumi.dev.yaml"), stringify(settings));
    const engine = await openEngine({ stack: "dev", tools, workDir: folder, local });
    const state = join(folder, "state.json");
    const recorded = readFileSync(RECORDED, "utf8");
    writeFileSync(state, recorded.replaceAll(".local/sandbox/dev/charts/kcm", path).replaceAll("/project", PROJECT));
    const words = ["stack", "import", "--file", state, "--stack", "dev", "--non-interactive"];
    await execa(tools.pulumi, words, { cwd: folder, env: engineEnvironment({ local }) });
    const { changes, touched } = await engine.preview();
    assert.deepEqual(
      touched.filter((operation) => !operation.startsWith("update ")),
      [],
    );
    assert.ok((changes.same ?? 0) + (changes.update ?? 0) >= 29, JSON.stringify(changes));
  });
});
