import type { PolicySettings, PolicyTarget } from "../../../../../policy/rules/rule.ts";
import { configOf } from "../valid-stack.ts";

/** One field that is changed in a whole, and all that the rule then expected. */
export interface ViolationCase {
  readonly rule: string;
  /** What is changed, in a few words. @default the rule's example */
  readonly name?: string;
  readonly change: (targets: PolicyTarget[]) => void;
  /** What the stack expected of the rule, and the day. @default nothing, today */
  readonly settings?: Partial<PolicySettings>;
  /** Cluster API's own objects in place of the good stack. */
  readonly capi?: true;
  /** @default the rule's example */
  readonly expected?: readonly string[];
}

/** Settings of one rule. */
export function ruleSettings(rule: string, settings: object): Partial<PolicySettings> {
  return { rules: { [rule]: { ...settings } } };
}

/** A case of a rule with a `spec` of k0s.config; the lines are the violations, each without the path of that spec. */
export function k0sConfigCase(rule: string) {
  return (name: string, spec: unknown, lines: readonly string[], cluster: "demo" | "edge" = "demo"): ViolationCase => ({
    rule,
    name,
    change: (all) => {
      configOf(all, cluster)["k0s"].config = { spec };
    },
    expected: lines.map((line) => `clusters.${cluster}.k0s.config.spec.${line}`),
  });
}
