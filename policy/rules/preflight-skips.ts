/** Rule about skipped preflight checks. */
import { syntheticFields } from "./field.ts";
import { always, mandatoryInProduction, type Rule } from "./rule.ts";

export const productionPreflightSkipsNoChecks: Rule = {
  name: "production-preflight-skips-no-checks",
  category: "shape",
  level: mandatoryInProduction,
  nonWaivable: always,
  inspects: "`preflight.skip`, and the checks that `npm run preflight` skips",
  why: "a skipped check hides a problem until machines exist",
  remedy: "fix what the check finds",
  example:
    'preflight.skip.image-exists: "uploaded by night" skips a check; fix what the check finds, and remove the entry',
  check: (targets) =>
    syntheticFields(targets, "Preflight").flatMap((preflight) =>
      preflight
        .at("skip")
        .entries.map(([, reason]) =>
          reason.violation(
            "skips a check",
            "fix what the check finds, and remove the entry; outside production it is allowed",
          ),
        ),
    ),
};
