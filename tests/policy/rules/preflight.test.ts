import assert from "node:assert/strict";
import { preflightSubject } from "../../../manifests/stack.ts";
import { formatFault } from "../../../policy/rules/fault.ts";
import { judge, SETTINGS_RULES } from "../../../policy/rules/index.ts";

describe("the rule that a preflight skips nothing in production", () => {
  const subject = preflightSubject({ "image-exists": "it is uploaded by night" });
  const said =
    'preflight.skip.image-exists: "it is uploaded by night" leaves a check out (preflight-skips-nothing-in-production); ' +
    "mend what the check finds and take the entry out; outside production it is echoed and taken";

  it("refuses a skipped check there, with its reason", () => {
    const { refused, warned } = judge([subject], { environment: "production" }, SETTINGS_RULES);
    assert.deepEqual([refused.map(formatFault), warned], [[said], []]);
  });

  it("warns elsewhere, and says nothing where nothing is skipped", () => {
    const { refused, warned } = judge([subject], { environment: "staging" }, SETTINGS_RULES);
    assert.deepEqual([refused, warned.map(formatFault)], [[], [said]]);
    const none = judge([preflightSubject({})], { environment: "production" }, SETTINGS_RULES);
    assert.deepEqual(none, { refused: [], warned: [] });
  });
});
