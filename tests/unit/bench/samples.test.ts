import assert from "node:assert/strict";
import { results, resultsText } from "../../../bench/results.ts";
import { exponent, Figures, ratio, summary } from "../../../bench/samples.ts";

describe("benchmark figures", () => {
  it("have the least, the median and the largest sample, whatever their order", () => {
    assert.deepEqual(summary([3, 1, 10]), { runs: 3, min: 1, median: 3, max: 10 });
    assert.deepEqual(summary([10, 2, 9, 1]), { runs: 4, min: 1, median: 5.5, max: 10 });
  });

  it("compare medians with the bare program's, and nothing where it was not measured", () => {
    const figures = new Figures();
    const preview = { what: "preview", unit: "s", clusters: 10 } as const;
    for (const seconds of [3, 2, 9]) figures.add(preview, "program", seconds);
    figures.add({ ...preview, clusters: 1 }, "program", 1);
    figures.add(preview, "bare", 2);
    assert.deepEqual(
      figures.all.map((figure) => ratio(figure)),
      [1.5, undefined],
    );
  });

  it("name growth as an exponent", () => {
    assert.equal(exponent({ size: 10, cost: 1 }, { size: 1000, cost: 100 }), 1);
    assert.equal(exponent({ size: 10, cost: 1 }, { size: 100, cost: 100 }), 2);
  });

  it("are a table with the machine above it", () => {
    const figures = new Figures();
    const pipeline = "stack file → manifests → policies";
    for (const clusters of [10, 100]) figures.add({ what: pipeline, unit: "s", clusters }, "program", clusters / 50);
    const text = resultsText(results(figures.all, { cpu: "Example CPU", cores: 2 }));
    assert.match(text, /^\d{4}-\d{2}-\d{2}; 2 cores of Example CPU; Node v\d+/);
    assert.match(text, /0\.200 s/);
    assert.match(text, /exponent of stack file → manifests → policies: 1\.00$/);
  });
});
