import pulumi from "@pulumi/pulumi";
import { judge } from "../policy/rules/index.ts";
import { endpointIsNotTakenByAnotherStack } from "../policy/rules/neighbours.ts";
import { FACTS, type Settings, type Subject } from "../policy/rules/rule.ts";
import { refuse } from "./enforce.ts";

/**
 * Refuses endpoints that clusters of other stacks have: read from those stacks' outputs, in previews too.
 *
 * @throws RunError naming every such endpoint; an error of the engine where a stack cannot be read.
 */
export async function refuseTaken(
  neighbours: readonly string[],
  subjects: readonly Subject[],
  settings: Settings,
): Promise<void> {
  const others = await Promise.all(neighbours.map(outputsOf));
  const { refused } = judge([...others, ...subjects], settings, [endpointIsNotTakenByAnotherStack]);
  refuse(refused, "other stacks are in the way:");
}

/** A stack's outputs as rules read them; a name alone is a stack of this project. */
async function outputsOf(name: string): Promise<Subject> {
  const stack = name.includes("/") ? name : `${pulumi.getOrganization()}/${pulumi.getProject()}/${name}`;
  const { value } = await new pulumi.StackReference(stack).getOutputDetails("clusters");
  return {
    at: `neighbours.${name}`,
    object: {
      apiVersion: FACTS,
      kind: "StackReference",
      metadata: { name },
      spec: { stack, outputs: { clusters: value } },
    },
  };
}
