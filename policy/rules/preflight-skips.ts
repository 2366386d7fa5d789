/** Is everything asked that can be asked before a machine exists? */
import { at, map } from "./plain-values.ts";
import { everywhere, type Rule, strictInProduction } from "./rule.ts";

export const productionPreflightSkipsNoChecks: Rule = {
  name: "production-preflight-skips-no-checks",
  category: "shape",
  level: strictInProduction,
  inspects: "`preflight.skip`, and what `npm run preflight` is told to skip",
  why: "a check that is not asked is a fault that is met later, by machines that already exist",
  remedy: "mend what the check finds",
  example:
    'preflight.skip.image-exists: "uploaded by night" leaves a check out; mend what the check finds and take the entry out',
  nonWaivable: everywhere,
  check: (subjects) =>
    subjects.flatMap(({ at: path, object }) =>
      at(object, "kind") !== "Preflight"
        ? []
        : Object.entries(map(at(object, "spec", "skip"))).map(([id, reason]) => ({
            path: `${path}.skip.${id}`,
            value: reason,
            reason: "leaves a check out",
            remedy: "mend what the check finds and take the entry out; outside production it is echoed and taken",
          })),
    ),
};
