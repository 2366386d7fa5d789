/** Reads answers of Prism Central: every field may be missing or of a wrong type. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((below, key) => (below as Readonly<Record<string, unknown>> | null | undefined)?.[key], value);
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function integer(value: unknown): number | undefined {
  return Number.isInteger(value) ? (value as number) : undefined;
}
