/** JSON as an API server writes it: keys sorted. */
export function apiJson(value: unknown): string {
  return JSON.stringify(value, (_, below: unknown) =>
    typeof below === "object" && below !== null && !Array.isArray(below)
      ? Object.fromEntries(Object.entries(below).sort(([one], [other]) => (one < other ? -1 : 1)))
      : below,
  );
}
