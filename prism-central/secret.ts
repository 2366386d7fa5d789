import { inspect } from "node:util";

const HIDDEN = "[secret]";

/** A secret in memory. Printed, serialised or inspected it is `[secret]`; only `open` gives the value, where it is sent to its server. */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  open(): T {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
