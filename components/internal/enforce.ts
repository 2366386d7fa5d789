import pulumi from "@pulumi/pulumi";
import type * as z from "zod";
import { evaluate } from "../../policy/rules/index.ts";
import type { PolicySettings, PolicyTarget } from "../../policy/rules/rule.ts";
import { formatViolations, type Violation } from "../../policy/rules/violation.ts";
import { parse } from "../../schema/parse.ts";

/**
 * Reads a component's plain arguments by their schema, before anything is registered.
 *
 * @throws RunError with every fault.
 */
export function readSpec<T extends z.ZodType>(schema: T, input: unknown, at: string): z.infer<T> {
  const { value, violations } = parse(schema, input, { at });
  throwViolations(violations, "this cannot be read:");
  return value as z.infer<T>;
}

/**
 * Asks the rules before anything is registered.
 *
 * @throws RunError with every fault, when a rule refuses.
 */
export function enforce(subjects: readonly PolicyTarget[], settings: PolicySettings): void {
  const { violations } = evaluate(subjects, settings);
  throwViolations(violations, "the rules refuse this:");
}

/**
 * Lets nothing go on from violations.
 *
 * @throws RunError with every fault below the heading, where there is one.
 */
export function throwViolations(violations: readonly Violation[], heading: string): void {
  if (violations.length > 0) throw new pulumi.RunError(formatViolations(heading, violations));
}
