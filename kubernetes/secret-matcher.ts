/** Finds known secrets in a text, however they are quoted, encoded or broken into lines there. */

/** Shorter secrets would match too much. */
const SHORTEST = 6;
/** Characters of the index: a form may be shorter than its secret, by the blanks and quotes that are not compared. */
const START = 4;
/** Longer texts are files: their encodings would take more memory than they are worth. */
const LONGEST_ENCODED = 16_384;
/** A line of a key or a certificate. */
const ENCODED_LINE = /^[\w+/=-]{20,}$/;

/** Escapes of JSON, Go, URLs and XML, accents that are characters of their own, and what quoting and line breaks add. */
const ESCAPES =
  /\\+(?:u([\da-f]{4})|x([\da-f]{2})|[nrt])?|((?:%[\da-f]{2})+)|&(?:#(\d{1,6})|#x([\da-f]{1,5})|(amp|lt|gt|quot|apos));|[\s+']+|[^\0-\x7f]+/gi;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** What is compared of a text: without blanks, quotes and backslashes, and with its escapes resolved. */
function comparable(original: string): string {
  return original.replace(ESCAPES, (...match) => resolved(match));
}

/** Where each compared character begins and ends in the original. */
function positions(original: string): { readonly starts: readonly number[]; readonly ends: readonly number[] } {
  const starts: number[] = [];
  const ends: number[] = [];
  let rest = 0;
  const literal = (until: number) => {
    for (; rest < until; rest++) {
      starts.push(rest);
      ends.push(rest + 1);
    }
  };
  for (const match of original.matchAll(ESCAPES)) {
    literal(match.index);
    rest = match.index + match[0].length;
    for (const _ of Array.from({ length: resolved(match).length })) {
      starts.push(match.index);
      ends.push(rest);
    }
  }
  literal(original.length);
  return { starts, ends };
}

function resolved([all = "", ...codes]: readonly (string | undefined)[]): string {
  // The most frequent ones.
  if (/^[\s+']/.test(all)) return "";
  return decoded(all, codes)
    .normalize("NFD")
    .replace(/[\s+'\\\p{M}]/gu, "");
}

function decoded(all: string, [json, byte, percent, decimal, hex, name]: readonly (string | undefined)[]): string {
  if (percent !== undefined) return Buffer.from(percent.replaceAll("%", ""), "hex").toString("utf8");
  const code = json ?? byte ?? hex;
  if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
  if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
  if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? "";
  return all.startsWith("\\") ? "" : all;
}

/** A function that replaces every one of the secrets in a text by the mask, in one pass, however many there are. */
export function secretMatcher(secrets: readonly string[], mask: string): (text: string) => string {
  // What surrounds a secret in its Secret, a line break above all, is not in a message.
  const trimmed = [...new Set(secrets.map((one) => one.trim()))].filter((one) => one.length >= SHORTEST);
  const forms = [...new Set(trimmed.flatMap(formsOf).map((form) => comparable(form)))]
    .filter((form) => form.length >= START)
    .sort();
  const begins = new Set(forms.map((form) => form.slice(0, START)));
  const parents = prefixes(forms);
  return (original) => {
    if (forms.length === 0) return original;
    const text = comparable(original);
    const found: { readonly index: number; readonly length: number }[] = [];
    for (let index = 0; index + START <= text.length; ) {
      const length = begins.has(text.slice(index, index + START)) ? longestAt(forms, parents, text, index) : 0;
      if (length > 0) found.push({ index, length });
      index += Math.max(1, length);
    }
    if (found.length === 0) return original;
    const { starts, ends } = positions(original);
    let rest = 0;
    const parts = found.flatMap(({ index, length }) => {
      const before = original.slice(rest, starts[index]);
      rest = ends[index + length - 1] ?? rest;
      return [before, mask];
    });
    return [...parts, original.slice(rest)].join("");
  };
}

/** For each of the sorted forms the longest other one that it begins with; -1: none. */
function prefixes(forms: readonly string[]): number[] {
  const parents: number[] = [];
  for (const [index, form] of forms.entries()) {
    let parent = index - 1;
    while (parent >= 0 && !form.startsWith(forms[parent] ?? "")) parent = parents[parent] ?? -1;
    parents.push(parent);
  }
  return parents;
}

/** Length of the longest form at a place of the text; 0: none. It is the last of the forms up to the text, or begins that. */
function longestAt(forms: readonly string[], parents: readonly number[], text: string, index: number): number {
  let [low, high] = [0, forms.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isAfter(forms[middle] ?? "", text, index)) high = middle;
    else low = middle + 1;
  }
  let found = low - 1;
  while (found >= 0 && !text.startsWith(forms[found] ?? "", index)) found = parents[found] ?? -1;
  return forms[found]?.length ?? 0;
}

function isAfter(form: string, text: string, index: number): boolean {
  for (let at = 0; at < form.length; at++) {
    const difference = form.charCodeAt(at) - (index + at < text.length ? text.charCodeAt(index + at) : -1);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/** A secret, its lines on one, the lines of a key, and how it may be encoded in a log or an object. */
function formsOf(secret: string): string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
  const texts = lines.length === 1 ? [secret] : [secret, lines.join("\n"), lines.join("; ")];
  const keys = lines.length === 1 ? [] : lines.filter((line) => ENCODED_LINE.test(line));
  return [...texts, ...keys, ...(secret.length <= LONGEST_ENCODED ? texts.flatMap(encodings) : [])];
}

function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret, "utf8");
  const encoded = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    // What depends on the adjacent bytes is cut off at both ends.
    return text.slice(offset === 0 ? 0 : 4, -4);
  });
  const escaped = JSON.stringify(secret).slice(1, -1);
  const long = [...encoded, Buffer.from(escaped).toString("base64").slice(0, -4)].filter((form) => form.length >= 8);
  const hex = bytes.toString("hex");
  return [
    ...long,
    ...long.map((form) => form.replaceAll("+", "-").replaceAll("/", "_")),
    // A percent sign of the secret itself.
    encodeURIComponent(secret),
    ...[hex, hex.toUpperCase(), bytes.join(" "), bytes.join(",")],
  ];
}
