/** Values that are computed once, by the first caller that needs them. */
export class PromiseCache {
  readonly #values = new Map<string, Promise<unknown>>();

  /** The value of a key. `make` runs once, also when it fails: every caller then gets that failure. */
  once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#values.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const made = make();
    // Callers get the failure; a value without a caller is not an unhandled rejection.
    made.catch(() => undefined);
    this.#values.set(key, made);
    return made;
  }
}
