/** Reads plain data of unknown shape: every field may be missing or of a wrong type. */
export type Plain = Readonly<Record<string, unknown>>;

/** The value at a path of keys, or undefined. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((below, key) => {
    const here = map(below);
    return Object.hasOwn(here, key) ? here[key] : undefined;
  }, value);
}

export function isMap(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function map(value: unknown): Plain {
  return isMap(value) ? value : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function integer(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) ? value : undefined;
}

/** What a text in JSON holds; undefined where it is none: the parser's own error would quote what may be secret. */
export function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

const UNITS: Readonly<Record<string, number>> = {
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Bytes of a Kubernetes quantity such as `4Gi`; undefined for anything else. */
export function bytes(quantity: unknown): number | undefined {
  const match = /^(\d+)(Ki|Mi|Gi|Ti|k|M|G|T)?$/.exec(text(quantity) ?? "");
  return match ? Number(match[1]) * (UNITS[match[2] ?? ""] ?? 1) : undefined;
}

/** Data as JSON with sorted keys, to compare by. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, below: unknown) =>
      typeof below === "object" && below !== null && !Array.isArray(below)
        ? Object.fromEntries(Object.entries(below).sort(([one], [other]) => (one < other ? -1 : 1)))
        : below,
    ) ?? ""
  );
}
