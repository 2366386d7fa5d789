import { writeFileSync } from "node:fs";
import Mocha from "mocha";
import type { Counts } from "./test-counts.ts";

/** Mocha's usual report, and its counts in the file that `--reporter-option counts=FILE` names. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const skipped: string[] = [];
    const failed: string[] = [];
    runner.on("pending", (test) => skipped.push(test.fullTitle()));
    runner.on("fail", (test) => failed.push(test.fullTitle()));
    runner.once("end", () => {
      const counts: Counts = { passed: runner.stats?.passes ?? 0, failed, skipped };
      const { counts: file } = options.reporterOptions as { counts: string };
      writeFileSync(file, JSON.stringify(counts));
    });
  }
}
