import type pulumi from "@pulumi/pulumi";
import { evaluate, RULES } from "../../policy/rules/index.ts";
import type { PolicySettings, PolicyTarget, TargetObject } from "../../policy/rules/rule.ts";
import { formatViolation, formatViolations } from "../../policy/rules/violation.ts";
import { resourceHook } from "./hooks.ts";
import { log } from "./log.ts";

const UPDATE_RULES = RULES.filter(({ comparesUpdates }) => comparesUpdates);

/**
 * Evaluates the policies that compare updates, in previews too. Only the engine knows the former inputs, and only hooks receive
 * them: neither the program nor a policy pack. A replacement gives no hook its old inputs; `protect` prevents it.
 */
export function updatePolicyHook(name: string, target: PolicyTarget, settings: PolicySettings): pulumi.ResourceHook[] {
  return resourceHook(`${name}-update-policy`, ({ oldInputs }) => assertUpdate(target, settings, oldInputs), {
    onDryRun: true,
  });
}

/** @throws Error with every mandatory violation of the update from `oldInputs` to the target. */
export async function assertUpdate(target: PolicyTarget, settings: PolicySettings, oldInputs: unknown): Promise<void> {
  const previous = [{ at: target.at, object: oldInputs as TargetObject }];
  const { violations, warnings } = evaluate([target], { ...settings, previous }, UPDATE_RULES);
  for (const warning of warnings) await log.warn(formatViolation(warning));
  if (violations.length > 0) throw new Error(formatViolations("policy violations:", violations));
}
