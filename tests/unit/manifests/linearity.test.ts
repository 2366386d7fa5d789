import assert from "node:assert/strict";
import { chartViolations, evaluateStack, stackManifests } from "../../../manifests/stack-manifests.ts";
import { parse } from "../../../schema/parse.ts";
import { type Stack, type StackInput, stack as stackSchema } from "../../../schema/stack.ts";
import { referenceViolations } from "../../../schema/stack-references.ts";
import { pem, validInput } from "../../support/stack-fixture.ts";

const [FEW, MANY] = [100, 800];
/** Time grows with this power of the number of clusters: 1 is linear, 2 is quadratic. Other load makes single runs longer. */
const MAX_EXPONENT = 1.5;
const ROUNDS = 3;

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

/** Milliseconds of processor time. */
function cost(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

for (const kind of ["demo", "edge"] as const) {
  describe(`the way from a stack file of clusters like ${kind} to its policies`, () => {
    const prepared = [FEW, MANY].map((count) => {
      const input = stackOf(count, kind);
      const names = Object.keys(input.clusters ?? {});
      const bundles = kind === "demo" ? {} : Object.fromEntries(names.map((name) => [name, pem("authority")]));
      return { input, names, bundles };
    });
    // A copy each: what is cached for an object is computed again.
    const fresh = ({ input }: (typeof prepared)[number]) => parse(stackSchema, input, { at: "" }).value as Stack;

    const stages: Record<string, (one: (typeof prepared)[number]) => () => unknown> = {
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
        const [few = 0, many = 0] = prepared.map((one) =>
          Math.min(...Array.from({ length: ROUNDS }, () => cost(prepare(one)))),
        );
        // Below a millisecond the clock says nothing.
        const exponent = Math.log(many / Math.max(few, 1)) / Math.log(MANY / FEW);
        assert.ok(
          exponent < MAX_EXPONENT,
          `${many} ms for ${MANY}, ${few} ms for ${FEW}: exponent ${exponent.toFixed(2)}`,
        );
      }).timeout(60_000);
    }
  });
}
