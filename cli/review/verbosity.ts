/** How much of a review a page tells. */
export interface Detail {
  /** Fields of one object. */
  readonly fields: number;
  /** Clusters with a section of their own; the others stand in a table. */
  readonly clusters: number;
  /** Clusters in the picture. */
  readonly pictured: number;
  /** Faults, and lines of a table. */
  readonly lines: number;
}
