import pulumi from "@pulumi/pulumi";
import type * as z from "zod";
import { type Fault, formatFaults } from "../policy/rules/fault.ts";
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
  refuse(faults, "this cannot be read:");
  return value as z.infer<T>;
}

/**
 * Asks the rules before anything is registered.
 *
 * @throws RunError with every fault, when a rule refuses.
 */
export function enforce(subjects: readonly Subject[], settings: Settings): void {
  const { refused } = judge(subjects, settings);
  refuse(refused, "the rules refuse this:");
}

/**
 * Lets nothing go on from faults.
 *
 * @throws RunError with every fault below the heading, where there is one.
 */
export function refuse(faults: readonly Fault[], heading: string): void {
  if (faults.length > 0) throw new pulumi.RunError(formatFaults(heading, faults));
}
