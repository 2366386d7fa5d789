/** How a certificate is signed: Node's own words for it are younger than the oldest Node that the pack runs on. */

/** Object identifiers of signatures that can be forged, as DER writes them. */
const WEAK: Readonly<Record<string, string>> = {
  "2a864886f70d010104": "MD5",
  "2a864886f70d010105": "SHA-1",
  "2a8648ce3d0401": "SHA-1",
  "2a8648ce380403": "SHA-1",
};

/** The hash of a certificate's signature where that hash is broken; undefined for every other one. */
export function signatureOf(der: Buffer): string | undefined {
  // Certificate ::= SEQUENCE { what is signed, SEQUENCE { OBJECT IDENTIFIER, … }, signature }
  const certificate = element(der, 0);
  const signed = element(der, certificate.start);
  const algorithm = element(der, signed.end);
  const identifier = element(der, algorithm.start);
  return WEAK[der.subarray(identifier.start, identifier.end).toString("hex")];
}

/** Where the content of the DER element at an offset begins and ends. */
function element(der: Buffer, offset: number): { start: number; end: number } {
  const first = der[offset + 1] ?? 0;
  const more = first < 0x80 ? 0 : first & 0x7f;
  const start = offset + 2 + more;
  const length = more === 0 ? first : Number.parseInt(der.subarray(offset + 2, start).toString("hex"), 16);
  return { start, end: start + length };
}
