/** What a round of tests came to. */
export interface Counts {
  readonly passed: number;
  /** Full titles of the tests and hooks that failed. */
  readonly failed: readonly string[];
  /** Full titles of the tests that were skipped. */
  readonly skipped: readonly string[];
}
