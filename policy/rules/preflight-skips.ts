/** Is everything asked that can be asked before a machine exists? */
import { at, map } from "./plain-values.ts";
import { everywhere, type Rule, strictInProduction } from "./rule.ts";

export const productionPreflightSkipsNoChecks: Rule = {
  name: "production-preflight-skips-no-checks",
  category: "shape",
  level: strictInProduction,
  inspects: "`preflight.skip`, and the checks that `npm run preflight` skips",
  why: "a skipped check hides a problem until machines exist",
  remedy: "fix what the check finds",
  example:
    'preflight.skip.image-exists: "uploaded by night" skips a check; fix what the check finds, and remove the entry',
  nonWaivable: everywhere,
  check: (subjects) =>
    subjects.flatMap(({ at: path, object }) =>
      at(object, "kind") !== "Preflight"
        ? []
        : Object.entries(map(at(object, "spec", "skip"))).map(([id, reason]) => ({
            path: `${path}.skip.${id}`,
            value: reason,
            reason: "skips a check",
            remedy: "fix what the check finds, and remove the entry; outside production it is allowed",
          })),
    ),
};
