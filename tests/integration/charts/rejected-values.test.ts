import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { MODES, needsHelm, renderError, valueFiles } from "./helm-template.ts";

type Invalid = Record<string, [values: object, error: string]>;

const INVALID = parse(readFileSync(join(import.meta.dirname, "invalid-values.yaml"), "utf8")) as Record<
  string,
  Invalid
>;

describe("values that the charts reject", function () {
  this.timeout(30_000);
  before(needsHelm);

  const rejects = (chart: string, invalid: Invalid = {}, files: readonly string[] = []) => {
    for (const [what, [values, error]] of Object.entries(invalid)) {
      it(`${chart}: ${what}`, async () => {
        const patch = chart === "cluster-api-provider-nutanix" ? { version: "v1.7.0", ...values } : values;
        const message = await renderError(chart, { files, values: patch });
        assert.ok(message.includes(error), `${message}\ndoes not include\n${error}`);
      });
    }
  };

  for (const mode of MODES) {
    rejects(`nutanix-k0s-${mode}`, { ...INVALID["both"], ...INVALID[mode] }, valueFiles(mode).get("base"));
  }
  for (const chart of ["nutanix-capx", "cluster-api-provider-nutanix"]) rejects(chart, INVALID[chart]);
});
