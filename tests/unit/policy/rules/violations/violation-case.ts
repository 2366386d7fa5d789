import type { PolicySettings, PolicyTarget } from "../../../../../policy/rules/rule.ts";

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
