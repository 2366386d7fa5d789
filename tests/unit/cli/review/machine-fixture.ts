import assert from "node:assert/strict";
import { demandOf, type RenderedDemand } from "../../../../cli/review/demand.ts";
import { machineRollouts } from "../../../../cli/review/machine-changes.ts";
import { clusterDeployment } from "../../../../manifests/cluster-deployment.ts";
import { parse } from "../../../../schema/parse.ts";
import { type Stack, type StackInput, stack } from "../../../../schema/stack.ts";
import { validInput } from "../../../support/stack-fixture.ts";

export type Plain = Record<string, any>;

/** What a cluster of the good stack asks for, changed in one place. */
export function asked(name: "demo" | "edge", change: (cluster: Plain) => void = () => undefined): RenderedDemand {
  const input = structuredClone(validInput()) as Plain;
  change(input["clusters"][name]);
  const { value, violations } = parse(stack, input as unknown as StackInput, { at: "" });
  assert.deepEqual(violations, []);
  const { clusters, prismCentral } = value as Stack;
  const cluster = clusters[name];
  assert.ok(cluster);
  const found = demandOf(clusterDeployment(cluster, { name, prismCentral }) as never);
  assert.ok(found);
  return found;
}

export const rolls = (name: "demo" | "edge", change: (cluster: Plain) => void) =>
  machineRollouts({ before: asked(name), after: asked(name, change), replaced: false });
