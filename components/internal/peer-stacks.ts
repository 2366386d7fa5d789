import pulumi from "@pulumi/pulumi";
import { endpointIsNotUsedByPeerStacks } from "../../policy/rules/endpoint-rules.ts";
import { evaluate } from "../../policy/rules/index.ts";
import { type PolicySettings, type PolicyTarget, SYNTHETIC_API_VERSION } from "../../policy/rules/rule.ts";
import { throwViolations } from "./enforce.ts";

/**
 * Refuses endpoints that clusters of other stacks have: read from those stacks' outputs, in previews too.
 *
 * @throws RunError naming every such endpoint; an error of the engine where a stack cannot be read.
 */
export async function assertEndpointsNotUsedByPeers(
  peerStacks: readonly string[],
  subjects: readonly PolicyTarget[],
  settings: PolicySettings,
): Promise<void> {
  const others = await Promise.all(peerStacks.map(outputsOf));
  const { violations } = evaluate([...others, ...subjects], settings, [endpointIsNotUsedByPeerStacks]);
  throwViolations(violations, "other stacks are in the way:");
}

/** A stack's outputs as rules read them; a name alone is a stack of this project. */
async function outputsOf(name: string): Promise<PolicyTarget> {
  const stack = name.includes("/") ? name : `${pulumi.getOrganization()}/${pulumi.getProject()}/${name}`;
  const { value } = await new pulumi.StackReference(stack).getOutputDetails("clusters");
  return {
    at: `peerStacks.${name}`,
    object: {
      apiVersion: SYNTHETIC_API_VERSION,
      kind: "StackReference",
      metadata: { name },
      spec: { stack, outputs: { clusters: value } },
    },
  };
}
