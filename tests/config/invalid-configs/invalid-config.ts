import type { StackFile } from "../../stack-fixture.ts";
import type { ReadOptions } from "../read-stack.ts";

export type Change = (file: StackFile) => void;

/** A stack file that is wrong in one way: what is changed in the good one, and all that is said of it. */
export interface WrongFile extends ReadOptions {
  /** What is wrong, in a few words. */
  readonly name: string;
  readonly change: Change;
  /** Every line of the message below its heading, without the dash. */
  readonly lines: readonly string[];
}

/** Writes a value at a path of keys and positions. */
export function set(path: string, value: unknown): Change {
  return (file) => {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    const parent = keys.reduce<StackFile>((below, key) => {
      below[key] ??= {};
      return below[key];
    }, file);
    Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true });
  };
}

/** Takes a key out. */
export function without(path: string): Change {
  return (file) => {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    delete keys.reduce<StackFile>((below, key) => below[key], file)[last];
  };
}

export function all(...changes: readonly Change[]): Change {
  return (file) => {
    for (const change of changes) change(file);
  };
}

export const nothing: Change = () => undefined;
