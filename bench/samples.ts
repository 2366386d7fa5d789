/** Figures and what is made of their samples. */

/** Samples of one program. */
export type Samples = Record<string, number[]>;

/** One thing measured, for each program that does it. */
export interface Figure {
  /** As in the table: `preview`, `up`, … */
  readonly what: string;
  readonly unit: "s" | "ms" | "MB" | "count";
  /** How many clusters; undefined: none matter. */
  readonly clusters?: number;
  readonly samples: Samples;
}

export interface Summary {
  readonly runs: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function summary(values: readonly number[]): Summary {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const median = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
  return { runs: sorted.length, min: at(0), median, max: at(sorted.length - 1) };
}

/** Median of `program` over the median of `floor`; undefined where one was not measured. */
export function ratio({ samples }: Figure, program = "program", floor = "bare"): number | undefined {
  const [above, below] = [samples[program], samples[floor]];
  return above?.length && below?.length ? summary(above).median / summary(below).median : undefined;
}

/** Growth between two sizes as an exponent: 1 is linear. */
export function exponent(small: { size: number; cost: number }, large: { size: number; cost: number }): number {
  return Math.log(large.cost / small.cost) / Math.log(large.size / small.size);
}

/** Collects samples by figure, in the order in which figures begin. */
export class Figures {
  readonly #figures = new Map<string, Figure>();

  add(figure: Omit<Figure, "samples">, program: string, value: number): void {
    const key = `${figure.what} ${figure.clusters ?? ""}`;
    const known = this.#figures.get(key) ?? { ...figure, samples: {} };
    this.#figures.set(key, known);
    known.samples[program] = [...(known.samples[program] ?? []), value];
  }

  get all(): Figure[] {
    return [...this.#figures.values()];
  }
}
