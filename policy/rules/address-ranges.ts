/** IPv4 ranges as numbers, and the ranges of clusters and node networks. */
import ipaddr from "ipaddr.js";
import type { ClusterFields } from "./cluster-fields.ts";
import type { Field } from "./field.ts";
import { list, map, text } from "./plain-values.ts";
import type { NodeNetwork, RuleContext, SettingSchema } from "./rule.ts";

export interface AddressRange {
  /** The range as written. */
  readonly text: string;
  readonly first: number;
  readonly last: number;
}

/** An IPv4 address as a number; undefined for anything else. */
export function addressNumber(address: string | undefined): number | undefined {
  if (address === undefined || !ipaddr.IPv4.isValidFourPartDecimal(address)) return undefined;
  return ipaddr.IPv4.parse(address)
    .toByteArray()
    .reduce((number, byte) => number * 256 + byte, 0);
}

/** Parses `10.1.1.0/24`, `10.1.1.50-10.1.1.150` or one address; undefined for anything else. */
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

export function contains({ first, last }: AddressRange, address: number): boolean {
  return first <= address && address <= last;
}

/** Whether an address is in a range, both as texts; false for what is neither. */
export function isInRange(text: string, address: string): boolean {
  const [range, number] = [addressRange(text), addressNumber(address)];
  return range !== undefined && number !== undefined && contains(range, number);
}

export function overlap(one: AddressRange, other: AddressRange): boolean {
  return one.first <= other.last && other.first <= one.last;
}

export function sizeOf({ first, last }: AddressRange): number {
  return last - first + 1;
}

const cache = new WeakMap<ClusterFields, readonly ClusterNetwork[]>();

/** The valid ranges of pods and Services; cached, since several rules read them. */
export function networksOf(cluster: ClusterFields): readonly ClusterNetwork[] {
  const known = cache.get(cluster) ?? readNetworks(cluster);
  cache.set(cluster, known);
  return known;
}

interface ClusterNetwork {
  readonly key: "pods" | "services";
  readonly field: Field;
  readonly range: AddressRange;
}

/** The ranges of the k0s configuration are the ones that k0s uses. */
function readNetworks({ networks, k0s }: ClusterFields): ClusterNetwork[] {
  const inConfig = { pods: "podCIDR", services: "serviceCIDR" } as const;
  return (["pods", "services"] as const).flatMap((key) => {
    const own = k0s.config.at("spec", "network", inConfig[key]);
    return (own.isSet ? [own] : networks[key].items).flatMap((field: Field) => {
      const range = addressRange(field.value);
      return range === undefined ? [] : [{ key, field, range }];
    });
  });
}

/** The node networks that the stack declares, with those of the rule's own settings. */
export function nodeNetworks({ networks, settings }: RuleContext): [name: string, network: Required<NodeNetwork>][] {
  return Object.entries({ ...networks, ...map(settings["networks"]) }).map(([name, network]) => {
    const { cidr, pools } = map(network);
    return [name, { cidr: text(cidr) ?? "", pools: list(pools).filter((pool) => typeof pool === "string") }];
  });
}

/** The setting of rules that compare with node networks. */
export const NETWORKS_SETTING: Readonly<Record<string, SettingSchema>> = {
  networks: {
    type: "object",
    description:
      "node networks by the name or UUID that machines refer to, each `{cidr, pools: [range, …]}`; in addition to the stack's `networks`",
  },
};
