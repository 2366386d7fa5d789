import { inspect } from "node:util";

const HIDDEN = "[secret]";

/**
 * A secret in memory. Whatever prints, serialises or inspects it gets the word `[secret]`; only `open` gives the value,
 * and that is called where the value leaves for the server it is meant for, and nowhere else.
 */
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
