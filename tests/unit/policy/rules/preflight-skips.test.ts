import assert from "node:assert/strict";
import { preflightTarget } from "../../../../manifests/stack-manifests.ts";
import { evaluate, SETTINGS_RULES } from "../../../../policy/rules/index.ts";
import { formatViolation } from "../../../../policy/rules/violation.ts";

describe("the rule that a preflight skips nothing in production", () => {
  const target = preflightTarget({ "image-exists": "it is uploaded by night" });
  const said =
    'preflight.skip.image-exists: "it is uploaded by night" skips a check (production-preflight-skips-no-checks); ' +
    "fix what the check finds, and remove the entry; outside production it is allowed";

  it("rejects a skipped check there, with its reason", () => {
    const { violations, warnings } = evaluate([target], { environment: "production" }, SETTINGS_RULES);
    assert.deepEqual([violations.map(formatViolation), warnings], [[said], []]);
  });

  it("warns elsewhere, and says nothing where nothing is skipped", () => {
    const { violations, warnings } = evaluate([target], { environment: "staging" }, SETTINGS_RULES);
    assert.deepEqual([violations, warnings.map(formatViolation)], [[], [said]]);
    const none = evaluate([preflightTarget({})], { environment: "production" }, SETTINGS_RULES);
    assert.deepEqual(none, { violations: [], warnings: [] });
  });
});
