/** A test or a hook that failed. */
export interface FailedTest {
  readonly title: string;
  /** First lines of what it said. */
  readonly why: string;
}

/** What a round of tests came to. */
export interface Counts {
  readonly passed: number;
  readonly failed: readonly FailedTest[];
  /** Full titles of the tests that were skipped. */
  readonly skipped: readonly string[];
}
