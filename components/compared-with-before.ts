import { AsyncLocalStorage } from "node:async_hooks";
import pulumi from "@pulumi/pulumi";
import { formatFault, formatFaults } from "../policy/rules/fault.ts";
import { judge, RULES } from "../policy/rules/index.ts";
import type { RuledObject, Settings, Subject } from "../policy/rules/rule.ts";

const CHANGE_RULES = RULES.filter(({ needsPrevious }) => needsPrevious);

/**
 * A hook that asks the rules about change before a resource is updated, in previews too. Only the engine knows what was there
 * before, and it tells hooks alone: neither the program nor a policy pack. A replacement is told to no hook with its old
 * inputs; there `protect` refuses.
 */
export function comparedWithBefore(name: string, subject: Subject, settings: Settings): pulumi.ResourceHook {
  // The engine calls back from outside the program, where an inline program's log leads nowhere.
  const inProgram = AsyncLocalStorage.snapshot();
  const compare = async ({ oldInputs }: pulumi.ResourceHookArgs) => {
    const previous = [{ at: subject.at, object: oldInputs as RuledObject }];
    const { refused, warned } = judge([subject], { ...settings, previous }, CHANGE_RULES);
    for (const fault of warned) await pulumi.log.warn(formatFault(fault));
    if (refused.length > 0) throw new Error(formatFaults("the rules refuse this change:", refused));
  };
  const title = `what may change of ${name}`;
  return new pulumi.ResourceHook(title, (args) => inProgram(compare, args), { onDryRun: true });
}
