import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
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

interface ErrorTable {
  /** Per path, rows of the value that is set there and of the errors. */
  readonly set?: Readonly<Record<string, [value: unknown, ...errors: string[]][]>>;
  /** Per path that is removed, the errors. */
  readonly remove?: Readonly<Record<string, string | string[]>>;
  /** Per path, rows of the value that is set there and of the policies that it violates. */
  readonly violations?: Readonly<Record<string, [value: unknown, ...policies: string[]][]>>;
}

/** The cases of a YAML file. An error there is what follows the path in the message; one that begins with a dot is about a key below. */
export function readCases(file: string): InvalidConfig[] {
  const table: ErrorTable = parse(readFileSync(join(import.meta.dirname, file), "utf8"));
  const rows = <T>(map: Readonly<Record<string, T[]>> = {}) =>
    Object.entries(map).flatMap(([path, list]) => list.map((row) => [path, row] as const));
  const lines = (path: string, errors: readonly string[]) =>
    errors.map((error) => (error.startsWith(".") ? path + error : `${path}: ${error}`));
  return [
    ...rows(table.set).map(([path, [value, ...errors]]) => ({
      name: `${path}: ${JSON.stringify(value)}`,
      change: set(path, value),
      lines: lines(path, errors),
    })),
    ...Object.entries(table.remove ?? {}).map(([path, errors]) => ({
      name: `no ${path}`,
      change: without(path),
      lines: lines(path, [errors].flat()),
    })),
    ...rows(table.violations).map(([path, [value, ...policies]]) => ({
      name: `${path}: ${JSON.stringify(value)}, by a policy`,
      change: set(path, value),
      violations: policies.map((policy) => `${path} (${policy})`),
    })),
  ];
}
