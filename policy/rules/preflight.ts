/** Is everything asked that can be asked before a machine exists? */
import { at, map } from "./cluster.ts";
import type { Rule } from "./rule.ts";

export const preflightSkipsNothing: Rule = {
  name: "preflight-skips-nothing-in-production",
  level: ({ environment }) => (environment === "production" ? "mandatory" : "advisory"),
  why: "a check that is not asked is a fault that is met later, by machines that already exist",
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
