import pulumi from "@pulumi/pulumi";
import type * as z from "zod";
import { formatFaults } from "../policy/rules/fault.ts";
import { judge } from "../policy/rules/index.ts";
import type { Settings, Subject } from "../policy/rules/rule.ts";
import { parse } from "../schema/parse.ts";

/**
 * Reads a component's plain arguments by their schema, before anything is registered.
 *
 * @throws RunError with every fault.
 */
export function readSpec<T extends z.ZodType>(schema: T, input: unknown, at: string): z.infer<T> {
  const { value, faults } = parse(schema, input, { at });
  if (faults.length > 0) throw new pulumi.RunError(formatFaults("this cannot be read:", faults));
  return value as z.infer<T>;
}

/**
 * Asks the rules before anything is registered.
 *
 * @throws RunError with every fault, when a rule refuses.
 */
export function enforce(subjects: readonly Subject[], settings: Settings): void {
  const { refused } = judge(subjects, settings);
  if (refused.length > 0) throw new pulumi.RunError(formatFaults("the rules refuse this:", refused));
}
