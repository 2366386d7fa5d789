/** Texts about single objects, to find those that say the same of different ones. */

/** Words that Kubernetes adds to names: no vowels, and no digits that look like one. */
const GENERATED = /-[bcdfghjklmnpqrstvwxz2456789]{5,10}(?![a-z0-9])/g;
const ADDRESS = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)/g;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** A text without what differs between two objects of one fault: the given names, generated words of names, addresses and UUIDs. */
export function withoutNames(text: string, names: readonly string[]): string {
  const given = names.filter((name) => name !== "").map((name) => name.replaceAll(".", "\\."));
  const own = new RegExp(`(?<![a-z0-9])(?:${given.join("|")})(?![a-z0-9])`, "g");
  const plain = given.length === 0 ? text : text.replace(own, "*");
  return plain.replace(UUID, "*").replace(GENERATED, "-*").replace(ADDRESS, "*");
}
