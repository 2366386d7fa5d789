import { chartViolations, evaluateStack, stackManifests } from "../../../manifests/stack-manifests.ts";
import { parse } from "../../../schema/parse.ts";
import { type Stack, type StackInput, stack as stackSchema } from "../../../schema/stack.ts";
import { referenceViolations } from "../../../schema/stack-references.ts";
import { assertLinear } from "../../support/growth.ts";
import { pem, validInput } from "../../support/stack-fixture.ts";

const [FEW, MANY] = [100, 800];

/** A stack of clusters that are all alike, but for endpoint and credential. */
function stackOf(count: number, kind: "demo" | "edge"): StackInput {
  const input = validInput();
  const names = Array.from({ length: count }, (_, index) => `c${index}`);
  const clusters = names.map((name, index) => {
    const cluster = structuredClone(input.clusters?.[kind]) as NonNullable<StackInput["clusters"]>[string];
    cluster.nutanix.controlPlaneEndpoint.host = `10.2.${Math.floor(index / 250)}.${(index % 250) + 1}`;
    if (cluster.nutanix.prismCentral !== undefined)
      Object.assign(cluster.nutanix.prismCentral, {
        address: `${name}.example.com`,
        credentialSecretName: `${name}-x`,
      });
    return [name, cluster] as const;
  });
  return { ...input, clusters: Object.fromEntries(clusters), policy: {} };
}

for (const kind of ["demo", "edge"] as const) {
  describe(`the way from a stack file of clusters like ${kind} to its policies`, () => {
    const prepared = new Map(
      [FEW, MANY].map((count) => {
        const input = stackOf(count, kind);
        const names = Object.keys(input.clusters ?? {});
        const bundles = kind === "demo" ? {} : Object.fromEntries(names.map((name) => [name, pem("authority")]));
        return [count, { input, names, bundles }] as const;
      }),
    );
    type Prepared = NonNullable<ReturnType<typeof prepared.get>>;
    // A copy each: what is cached for an object is computed again.
    const fresh = ({ input }: Prepared) => parse(stackSchema, input, { at: "" }).value as Stack;

    const stages: Record<string, (one: Prepared) => () => unknown> = {
      reading: (one) => () => fresh(one),
      references: (one) => {
        const stack = fresh(one);
        return () => referenceViolations(stack, one.names);
      },
      manifests: (one) => {
        const stack = fresh(one);
        return () => stackManifests(stack, one.bundles);
      },
      policies: (one) => {
        const stack = fresh(one);
        return () => evaluateStack(stack, one.bundles);
      },
      "values of charts": (one) => {
        const stack = fresh(one);
        const evaluation = evaluateStack(stack, one.bundles);
        return () => chartViolations(stack, one.bundles, evaluation);
      },
    };
    for (const [stage, prepare] of Object.entries(stages)) {
      it(`takes time in proportion to the clusters: ${stage}`, () => {
        assertLinear([FEW, MANY], (count) => prepare(prepared.get(count) as Prepared));
      }).timeout(60_000);
    }
  });
}
