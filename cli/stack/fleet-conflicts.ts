/** What the stacks of a folder may not share, before any of them is run. */
import { readdirSync } from "node:fs";
import type { StackReading } from "../../config/index.ts";
import { stackTargets } from "../../manifests/stack-manifests.ts";
import { clusterNamesAreUnique } from "../../policy/rules/cluster-shape.ts";
import { endpointsAreUnique, routerIdsAreUnique } from "../../policy/rules/endpoint-rules.ts";
import { evaluate } from "../../policy/rules/index.ts";
import type { PolicyTarget } from "../../policy/rules/rule.ts";
import { formatViolation } from "../../policy/rules/violation.ts";
import { explain } from "../output/failure.ts";
import { withSettings } from "./stack-settings.ts";

const RULES = [endpointsAreUnique, routerIdsAreUnique, clusterNamesAreUnique];

/** Names of the stacks whose files are in a folder. */
export function stacksIn(folder: string): string[] {
  return readdirSync(folder)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/** Stacks that cannot be read, and stacks with an endpoint, a router ID or a cluster's name of another one, with the reasons. */
export async function fleetConflicts(stacks: readonly string[], workDir: string): Promise<Record<string, string[]>> {
  const conflicts: Record<string, string[]> = {};
  const targets: PolicyTarget[] = [];
  const { readStack } = await import("../../config/index.ts");
  for (const stack of stacks) {
    try {
      targets.push(...clustersOf(stack, await withSettings({ stack, workDir }, readStack)));
    } catch (error) {
      conflicts[stack] = [explain(error).message];
    }
  }
  // Within one stack, its own run reports them.
  for (const violation of evaluate(targets, { environment: "production" }, RULES).violations) {
    const [stack = ""] = violation.path.split(":", 1);
    if (violation.reason.includes(` ${stack}:clusters.`)) continue;
    conflicts[stack] = [...(conflicts[stack] ?? []), formatViolation(violation)];
  }
  return conflicts;
}

/** The clusters of a stack as policies read them, with paths like `prod:clusters.edge`. */
function clustersOf(name: string, { stack, bundles }: StackReading): PolicyTarget[] {
  if (stack === undefined) return [];
  return stackTargets(stack, bundles)
    .filter(({ object }) => object.kind === "ClusterDeployment")
    .map((target) => ({ ...target, at: `${name}:${target.at}` }));
}
