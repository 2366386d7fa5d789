import assert from "node:assert/strict";
import { Model, randomEdits } from "../../../bench/soak-edits.ts";
import { validInput } from "../../support/stack-fixture.ts";

describe("random edits of a soak", () => {
  it("change the stack, each of them", () => {
    const model = new Model(Object.values(validInput().clusters ?? {}), 20);
    const text = () => JSON.stringify([[...model.clusters], [...model.revisions]]);
    for (const edit of randomEdits(2000, 1)) {
      const before = text();
      const [verb, ...names] = model.apply(edit);
      assert.notEqual(text(), before, `${verb} ${names.join(" -> ")}`);
    }
  });
});
