import type { StackFile } from "../../../support/stack-fixture.ts";
import type { ReadOptions } from "../read-stack.ts";

export type Change = (file: StackFile) => void;

/** A stack file with one invalid change, and the whole error. */
export interface InvalidConfig extends ReadOptions {
  readonly name: string;
  readonly change: Change;
  /** Every line of the error below its heading, without the dash. */
  readonly lines?: readonly string[];
  /** `path (rule)` of every violation, in any order: the rules' own tests assert reasons and remedies. */
  readonly violations?: readonly string[];
}

/** Sets a value at a path of keys and indexes. */
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

/** Removes a key. */
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
