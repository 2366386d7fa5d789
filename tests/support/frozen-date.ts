/** The day of tests that depend on it, such as on the end of a Kubernetes version. */
import { mock } from "node:test";

const DAY = new Date("2026-11-28");

/** Freezes the date for the tests of the surrounding suite. */
export function freezeDate(): void {
  before(() => mock.timers.enable({ apis: ["Date"], now: DAY }));
  after(() => mock.timers.reset());
}

const SCRIPT = `import { mock } from "node:test"; mock.timers.enable({ apis: ["Date"], now: ${DAY.getTime()} });`;

/** Environment of a process whose date is frozen. */
export const FROZEN_DATE = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(SCRIPT)}` };
