import pulumi from "@pulumi/pulumi";
import type * as z from "zod";
import { evaluate } from "../../policy/rules/index.ts";
import type { PolicySettings, PolicyTarget } from "../../policy/rules/rule.ts";
import { formatViolations, type Violation } from "../../policy/rules/violation.ts";
import type { Cluster, ClusterInput } from "../../schema/cluster.ts";
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

const evaluated = new WeakSet<ClusterInput>();

/** Clusters of a stack that was read and evaluated as a whole: their components do not do it a second time. */
export function evaluatedClusters<T extends Readonly<Record<string, Cluster>>>(clusters: T): T {
  for (const cluster of Object.values(clusters)) evaluated.add(cluster);
  return clusters;
}

export function isEvaluated(cluster: ClusterInput): cluster is Cluster {
  return evaluated.has(cluster);
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
