import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { CHARTS_FOLDER } from "../../../manifests/chart-archive.ts";
import { CHART_VALUES } from "../../../schema/charts/index.ts";
import { type JsonSchema, valuesSchema } from "../../../schema/json-schema.ts";
import { requireTools } from "../../support/skip.ts";
import { archive, MODES, valueFiles } from "./helm-template.ts";

const LIBRARY = "nutanix-k0s-lib";
const NAMES = [...Object.keys(CHART_VALUES), LIBRARY].sort();

const text = (chart: string, file: string) => readFileSync(join(CHARTS_FOLDER, chart, file), "utf8");
const templates = (chart: string) => readdirSync(join(CHARTS_FOLDER, chart, "templates"));

describe("the files of the charts", () => {
  it("are five charts of API version v2, one of them the library of the cluster charts", () => {
    const folders = readdirSync(CHARTS_FOLDER, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && entry.name !== "released",
    );
    assert.deepEqual(folders.map(({ name }) => name).sort(), NAMES);
    for (const name of NAMES) {
      const { apiVersion, type, version, dependencies = [], ...chart } = parse(text(name, "Chart.yaml"));
      assert.deepEqual([apiVersion, chart.name, type], ["v2", name, name === LIBRARY ? "library" : "application"]);
      assert.match(version, /^\d+\.\d+\.\d+$/);
      const library = { name: LIBRARY, version: "1.0.0", repository: `file://../${LIBRARY}` };
      assert.deepEqual(dependencies, /^nutanix-k0s-(hcp|standalone)$/.test(name) ? [library] : []);
    }
  });

  it("have helpers with their chart's prefix, no hooks, and notes only where a person installs the chart", () => {
    for (const name of NAMES) {
      const prefix = name.startsWith("nutanix-k0s") ? "nutanix-k0s" : name;
      for (const file of templates(name)) {
        const source = text(name, `templates/${file}`);
        assert.doesNotMatch(source, /helm\.sh\/hook/);
        for (const [, helper = ""] of source.matchAll(/define "([^"]+)"/g))
          assert.ok(helper.startsWith(`${prefix}.`), helper);
      }
      assert.equal(templates(name).includes("NOTES.txt"), name === "nutanix-capx", name);
    }
  });

  it("repeat no template of one mode in the other", () => {
    const [hcp = "", standalone = ""] = MODES.map((mode) => `nutanix-k0s-${mode}`);
    const sources = new Set(templates(hcp).map((file) => text(hcp, `templates/${file}`)));
    assert.deepEqual(
      templates(standalone).filter((file) => sources.has(text(standalone, `templates/${file}`))),
      [],
    );
  });

  it("name no version of CAPX in a template", () => {
    for (const name of NAMES) {
      for (const file of templates(name))
        assert.doesNotMatch(text(name, `templates/${file}`), /v1\.\d+\.\d+(?!\+k0s)/, file);
    }
  });

  it("reject unknown keys, but in what others define", () => {
    const visit = (schema: JsonSchema, path: string): string[] => {
      const keys = Object.entries(schema.properties ?? {});
      const isOpen = keys.length > 0 && schema.additionalProperties !== false;
      return [...(isOpen ? [path] : []), ...keys.flatMap(([key, value]) => visit(value, `${path}/${key}`))];
    };
    const open = Object.entries(CHART_VALUES).flatMap(([chart, values]) => visit(valuesSchema(chart, values), ""));
    assert.deepEqual([...new Set(open)], ["/k0s/config/spec", "/k0s/config/spec/network"]);
  });

  it("have one kind of object each, and its name", async function () {
    const { helm } = await requireTools(this, ["helm"]);
    const clusters = MODES.flatMap((mode) =>
      ["failure-domains-and-worker-pools", "cluster-class-and-worker-pools"].map((name) => ({
        chart: `nutanix-k0s-${mode}`,
        flags: (valueFiles(mode).get(name) ?? []).flatMap((file) => ["--values", file]),
      })),
    );
    const others = [
      { chart: "nutanix-capx", flags: [] },
      { chart: "cluster-api-provider-nutanix", flags: ["--set", "version=v1.7.0"] },
    ];
    for (const { chart, flags } of [...clusters, ...others]) {
      const { stdout } = await execa(helm, ["template", "edge", await archive(chart), ...flags]);
      for (const document of stdout.split(/^---\n/m)) {
        const file = /^# Source: .*\/(.+)\.yaml$/m.exec(document)?.[1];
        const object = parse(document) as { kind: string } | null;
        if (object !== null) assert.equal(file, object.kind.toLowerCase(), chart);
      }
    }
  }).timeout(30_000);
});
