/** What a round of tests came to. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** Full titles of the tests that were skipped. */
  readonly skipped: readonly string[];
}
