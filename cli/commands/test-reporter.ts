import { writeFileSync } from "node:fs";
import Mocha from "mocha";
import type { Counts, FailedTest } from "./test-counts.ts";

/** Lines of a failure that stand at the end of a long output too. */
const WHY_LINES = 40;

/** Mocha's usual report, and its counts in the file that `--reporter-option counts=FILE` names. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const skipped: string[] = [];
    const failed: FailedTest[] = [];
    runner.on("pending", (test) => skipped.push(test.fullTitle()));
    // Not always an Error: one that comes from another process only looks like one.
    runner.on("fail", (test, { message }: { message: string }) => {
      const why = message.split("\n").slice(0, WHY_LINES).join("\n");
      failed.push({ title: test.fullTitle(), why });
    });
    runner.once("end", () => {
      const counts: Counts = { passed: runner.stats?.passes ?? 0, failed, skipped };
      const { counts: file } = options.reporterOptions as { counts: string };
      writeFileSync(file, JSON.stringify(counts));
    });
  }
}
