/** The form of checks about what a cluster names: several answers a cluster, one line when all is well. */

import type { Inventory } from "../../../prism-central/inventory.ts";
import { answer, type CheckResult, type ClusterCheck, type ClusterCheckContext } from "../../check.ts";

/** What came of one thing that a cluster names. */
export type Outcome =
  | { readonly verdict: "pass"; readonly found: string }
  | { readonly verdict: "fail"; readonly found: string; readonly remedy: string }
  | { readonly verdict: "unknown"; readonly found: string; readonly remedy?: string };

export const pass = (found: string): Outcome => ({ verdict: "pass", found });
export const fail = (found: string, remedy: string): Outcome => ({ verdict: "fail", found, remedy });
export const unknown = (found: string, remedy?: string): Outcome => ({
  verdict: "unknown",
  found,
  ...(remedy === undefined ? {} : { remedy }),
});

export interface Described {
  readonly id: string;
  readonly asks: string;
}

/** A check of one cluster. No outcome, no finding: what a cluster does not name is no line in the table. */
export function clusterCheck(
  described: Described,
  ask: (context: ClusterCheckContext, inventory: () => Promise<Inventory>) => Promise<readonly Outcome[]>,
): ClusterCheck {
  return {
    ...described,
    scope: "cluster",
    run: async (context) => {
      const inventory = () => context.prismCentrals.of(context.name).inventory();
      return summed(answer(described.id, context.name), await ask(context, inventory));
    },
  };
}

/** What is wrong, a finding each; where nothing is, all that is well in one. */
export function summed(about: ReturnType<typeof answer>, outcomes: readonly Outcome[]): CheckResult[] {
  const distinct = [...new Map(outcomes.map((one) => [`${one.verdict} ${one.found}`, one])).values()];
  const wrong = distinct.filter(({ verdict }) => verdict !== "pass");
  if (wrong.length === 0)
    return distinct.length === 0 ? [] : [about.pass(distinct.map(({ found }) => found).join(", "))];
  return wrong.map((one) =>
    one.verdict === "fail"
      ? about.fail(one.found, one.remedy)
      : about.unknown(one.found, one.verdict === "unknown" ? one.remedy : undefined),
  );
}
