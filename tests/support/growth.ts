import assert from "node:assert/strict";

/** Time grows with this power of the size: 1 is linear, 2 is quadratic. Other load makes single runs longer. */
const MAX_EXPONENT = 1.5;
const ROUNDS = 3;

/** Milliseconds of processor time. */
function cost(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Compares the processor time of work at two sizes. What `prepare` does is not counted; it runs before each round. */
export function assertLinear([few, many]: readonly [number, number], prepare: (size: number) => () => unknown): void {
  const [small = 0, large = 0] = [few, many].map((size) =>
    Math.min(...Array.from({ length: ROUNDS }, () => cost(prepare(size)))),
  );
  // Below a millisecond the clock says nothing.
  const exponent = Math.log(large / Math.max(small, 1)) / Math.log(many / few);
  assert.ok(
    exponent < MAX_EXPONENT,
    `${large} ms for ${many}, ${small} ms for ${few}: exponent ${exponent.toFixed(2)}`,
  );
}
