import assert from "node:assert/strict";
import { STACK_FILE, unknownCluster } from "../../../cli/stack/target.ts";

describe("the error for a cluster that does not exist", () => {
  it("names the places where it was looked for, and the clusters there, in order and once each", () => {
    const { message, exitCode } = unknownCluster("nosuch", ["https://api.example", STACK_FILE], ["b", "a", "b"]);
    assert.equal(
      message,
      'cluster: "nosuch" is neither in https://api.example nor in the stack file; name one of a, b',
    );
    assert.equal(exitCode, 2);
  });

  it("says what to do where there is none", () => {
    assert.equal(
      unknownCluster(["x", "y"], [STACK_FILE], []).message,
      'cluster: "x", "y" are not in the stack file; deploy its stack first',
    );
  });

  it("stays one line that a person reads with a thousand clusters", () => {
    const known = Array.from({ length: 1000 }, (_, index) => `cluster-${index}`);
    assert.ok(unknownCluster(known, [STACK_FILE], known).message.length < 800);
  });
});
