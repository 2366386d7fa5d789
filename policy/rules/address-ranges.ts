/** Ranges of IPv4 addresses as numbers, so that comparing them needs no list of addresses. */
import ipaddr from "ipaddr.js";

export interface AddressRange {
  /** As it was written. */
  readonly text: string;
  readonly first: number;
  readonly last: number;
}

/** An address as a number; undefined for what is no IPv4 address. */
export function addressNumber(text: string | undefined): number | undefined {
  if (text === undefined || !ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  return ipaddr.IPv4.parse(text)
    .toByteArray()
    .reduce((number, byte) => number * 256 + byte, 0);
}

/** A range written as `10.1.1.0/24`, as `10.1.1.50-10.1.1.150` or as one address; undefined for what is none of them. */
export function addressRange(text: unknown): AddressRange | undefined {
  if (typeof text !== "string") return undefined;
  const [from = "", to, ...rest] = text.split("-").map((part) => part.trim());
  if (rest.length > 0) return undefined;
  if (to === undefined && from.includes("/")) return cidrRange(from);
  const first = addressNumber(from);
  const last = to === undefined ? first : addressNumber(to);
  return first === undefined || last === undefined || last < first ? undefined : { text, first, last };
}

function cidrRange(text: string): AddressRange | undefined {
  const [address, length = ""] = text.split("/");
  const number = addressNumber(address);
  const bits = Number(length);
  if (number === undefined || !/^\d{1,2}$/.test(length) || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  const first = Math.floor(number / size) * size;
  return { text, first, last: first + size - 1 };
}

export function holds({ first, last }: AddressRange, address: number): boolean {
  return first <= address && address <= last;
}

export function overlap(one: AddressRange, other: AddressRange): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/** How many addresses there are in a range. */
export function sizeOf({ first, last }: AddressRange): number {
  return last - first + 1;
}
