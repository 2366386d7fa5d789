/** The spellings under which a secret could lie somewhere: plain, escaped, encoded, at each offset of base64. */
export function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret, "utf8");
  const offsets = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    // What depends on the neighbours is cut off at both ends.
    return text.slice(offset === 0 ? 0 : 4, -4);
  });
  const escaped = JSON.stringify(secret).slice(1, -1);
  return [
    bytes.toString("latin1"),
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString("hex"),
    [...secret].reverse().join(""),
    ...offsets.filter((form) => form.length >= 8),
  ];
}
