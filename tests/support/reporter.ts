import Mocha from "mocha";

const { Base, Spec } = Mocha.reporters;

/** Mocha's usual report, closed by the failures, the reasons of skips and, as the last line, the counts. */
export default class Reporter extends Spec {
  readonly #skips = new Map<string, number>();

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.on("pending", (test) => {
      const reason = test.err?.message ?? test.fullTitle();
      this.#skips.set(reason, (this.#skips.get(reason) ?? 0) + 1);
    });
  }

  override epilogue(): void {
    const { passes, failures, pending } = this.stats;
    if (failures > 0) Base.list(this.failures);
    Base.consoleLog();
    for (const [reason, count] of this.#skips) Base.consoleLog(`skipped ${count}: ${reason}`);
    Base.consoleLog(`${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ""}`);
  }
}
