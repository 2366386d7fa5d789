import pulumi from "@pulumi/pulumi";
import type * as z from "zod";
import { evaluate } from "../../policy/rules/index.ts";
import type { PolicySettings, PolicyTarget } from "../../policy/rules/rule.ts";
import { formatViolations, type Violation } from "../../policy/rules/violation.ts";
import { parse } from "../../schema/parse.ts";

/** Where a component's user says nothing of its environment: policies are as strict as they can be. */
export const PRODUCTION: PolicySettings = { environment: "production" };

/**
 * Reads a component's plain arguments by their schema, before anything is registered.
 *
 * @throws RunError with every error.
 */
export function readSpec<T extends z.ZodType>(schema: T, input: unknown, at: string): z.infer<T> {
  const { value, violations } = parse(schema, input, { at });
  throwConfigErrors(violations);
  return value as z.infer<T>;
}

/** @throws RunError with every error, where there is one. */
export function throwConfigErrors(errors: readonly Violation[]): void {
  if (errors.length > 0) throw new pulumi.RunError(formatViolations("invalid configuration:", errors));
}

/**
 * Evaluates the policies before anything is registered.
 *
 * @throws RunError with every mandatory violation.
 */
export function enforce(targets: readonly PolicyTarget[], settings: PolicySettings = PRODUCTION): void {
  const { violations } = evaluate(targets, settings);
  if (violations.length > 0) throw new pulumi.RunError(formatViolations("policy violations:", violations));
}
