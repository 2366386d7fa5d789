import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { CHARTS } from "./helm-template.ts";

const NAMES = ["cluster-api-provider-nutanix", "nutanix-capx", "nutanix-k0s-hcp", "nutanix-k0s-standalone"];

interface Schema {
  properties?: Record<string, Schema>;
  definitions?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  required?: string[];
  $ref?: string;
  type?: string | string[];
}

const text = (chart: string, file: string) => readFileSync(join(CHARTS, chart, file), "utf8");
const schemaOf = (chart: string) => JSON.parse(text(chart, "values.schema.json")) as Schema;

/** Paths of every value that a schema knows, but for those inside lists and identifiers, and for machine overrides. */
function leaves(schema: Schema, root: Schema = schema, path = ""): string[] {
  const resolved = schema.$ref ? (root.definitions?.[schema.$ref.replace("#/definitions/", "")] ?? {}) : schema;
  const isWhole = schema.$ref === "#/definitions/identifier" || path === "worker" || path === "controlPlane";
  if (!resolved.properties || isWhole || ["k0s.config", "fetchConfig", "machineDefaults.imageLookup"].includes(path))
    return [path];
  return Object.entries(resolved.properties).flatMap(([key, value]) =>
    leaves(value, root, path ? `${path}.${key}` : key),
  );
}

describe("the files of the charts", () => {
  it("are four charts of api version v2 with a version of their own", () => {
    const folders = readdirSync(CHARTS, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && entry.name !== "released",
    );
    assert.deepEqual(folders.map(({ name }) => name).sort(), NAMES);
    for (const name of NAMES) {
      const chart = parse(text(name, "Chart.yaml")) as Record<string, string>;
      assert.deepEqual([chart.apiVersion, chart.name, chart.type], ["v2", name, "application"]);
      assert.match(chart.version ?? "", /^\d+\.\d+\.\d+$/);
    }
  });

  for (const name of NAMES) {
    it(`list every value of ${name} in its README, and no other`, () => {
      const rows = text(name, "README.md").match(/^\| `.*$/gm) ?? [];
      const listed = rows
        .map((row) => row.split(" | ")[0] ?? "")
        .filter((cell) => !/[<>]/.test(cell))
        .flatMap((cell) => [...cell.matchAll(/`([\w.]+)`/g)].map((match) => match[1]));
      assert.deepEqual([...new Set(listed)].sort(), leaves(schemaOf(name)).sort());
    });

    it(`refuse unknown keys everywhere in ${name} but in what others define`, () => {
      const open: string[] = [];
      const visit = (schema: Schema, path: string) => {
        if (schema.type === "object" && schema.properties && schema.additionalProperties !== false) open.push(path);
        for (const [key, value] of Object.entries({ ...schema.properties, ...schema.definitions }))
          visit(value, `${path}/${key}`);
      };
      visit(schemaOf(name), "");
      assert.deepEqual(
        open.filter((path) => !path.startsWith("/k0s/config/spec")),
        [],
      );
    });

    it(`give ${name} notes, and no hooks`, () => {
      assert.ok(text(name, "templates/NOTES.txt").length > 0);
      for (const file of readdirSync(join(CHARTS, name, "templates"))) {
        assert.doesNotMatch(text(name, `templates/${file}`), /helm\.sh\/hook/);
      }
    });
  }

  it("allow what kcm hands in", () => {
    for (const name of NAMES.filter((each) => each.startsWith("nutanix-k0s"))) {
      for (const key of ["clusterIdentity", "clusterLabels", "global"]) assert.ok(schemaOf(name).properties?.[key]);
    }
  });
});
