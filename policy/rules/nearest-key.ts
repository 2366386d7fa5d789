import leven from "leven";

const MAX_KEY_LENGTH = 63;

/** The remedy for an unknown key: the known key that it is probably meant to be, or to remove it. */
export function nearestKey(key: string, known: readonly string[]): string {
  if (key.length > MAX_KEY_LENGTH) return "remove it";
  const distance = (other: string) => leven(key.toLowerCase(), other.toLowerCase());
  const best = [...known].sort((one, other) => distance(one) - distance(other))[0];
  return best !== undefined && distance(best) <= Math.max(2, key.length / 3) ? `did you mean "${best}"?` : "remove it";
}
