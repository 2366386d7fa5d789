import { AsyncLocalStorage } from "node:async_hooks";
import pulumi from "@pulumi/pulumi";
import { evaluate, RULES } from "../../policy/rules/index.ts";
import type { PolicySettings, PolicyTarget, TargetObject } from "../../policy/rules/rule.ts";
import { formatViolation, formatViolations } from "../../policy/rules/violation.ts";

const CHANGE_RULES = RULES.filter(({ comparesUpdates }) => comparesUpdates);

/**
 * A hook that asks the rules about change before a resource is updated, in previews too. Only the engine knows what was there
 * before, and it tells hooks alone: neither the program nor a policy pack. A replacement is told to no hook with its old
 * inputs; there `protect` refuses.
 */
export function updatePolicyHook(name: string, subject: PolicyTarget, settings: PolicySettings): pulumi.ResourceHook {
  // The engine calls back from outside the program, where an inline program's log leads nowhere.
  const inProgram = AsyncLocalStorage.snapshot();
  const compare = async ({ oldInputs }: pulumi.ResourceHookArgs) => {
    const previous = [{ at: subject.at, object: oldInputs as TargetObject }];
    const { violations, warnings } = evaluate([subject], { ...settings, previous }, CHANGE_RULES);
    for (const fault of warnings) await pulumi.log.warn(formatViolation(fault));
    if (violations.length > 0) throw new Error(formatViolations("the rules refuse this change:", violations));
  };
  const title = `what may change of ${name}`;
  return new pulumi.ResourceHook(title, (args) => inProgram(compare, args), { onDryRun: true });
}
