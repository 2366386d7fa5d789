import assert from "node:assert/strict";
import { foundHelm, MODES, refusal, valueFiles } from "./helm-template.ts";
import { WRONG, WRONG_CHARTS, WRONG_OF, WRONG_PARTS } from "./invalid-values.ts";

describe("values that the charts refuse, with the value's name", function () {
  this.timeout(30_000);
  let helm: string;

  before(
    foundHelm((path) => {
      helm = path;
    }),
  );

  for (const mode of MODES) {
    for (const [what, values, message] of [...WRONG, ...WRONG_PARTS, ...WRONG_OF[mode]]) {
      it(`fails on ${what} in nutanix-k0s-${mode}`, async () => {
        const files = valueFiles(mode).get("base") ?? [];
        assert.match(await refusal(helm, `nutanix-k0s-${mode}`, { files, values }), message);
      });
    }
  }

  for (const [chart, values, message] of WRONG_CHARTS) {
    it(`fails on ${JSON.stringify(values)} in ${chart}`, async () => {
      assert.match(await refusal(helm, chart, { values }), message);
    });
  }
});
