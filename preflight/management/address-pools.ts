/** Address pools of load balancers, as MetalLB and Cilium write them down. */
import ipaddr from "ipaddr.js";
import type { KindReference, KubernetesObject } from "../../kubernetes/object.ts";
import type { Reader } from "./reader.ts";

export interface Pool {
  /** Like `IPAddressPool metallb-system/first`. */
  readonly name: string;
  /** Like `10.1.0.0/24` and `10.1.0.1-10.1.0.9`. */
  readonly ranges: readonly string[];
  /** Why it gives no address to a Service of kcm's namespace, if it is known that it does not. */
  readonly closed: string | undefined;
}

const metallb = (kind: string): KindReference => ({ apiVersion: "metallb.io/v1beta1", kind });
const POOLS = metallb("IPAddressPool");
const ADVERTISEMENTS = [metallb("L2Advertisement"), metallb("BGPAdvertisement")];
const CILIUM = ["cilium.io/v2", "cilium.io/v2alpha1"].map((apiVersion) => ({
  apiVersion,
  kind: "CiliumLoadBalancerIPPool",
}));

/** Whether an address lies in a range; false for what is no range. */
export function holds(range: string, host: string): boolean {
  try {
    const address = ipaddr.parse(host);
    if (range.includes("/")) {
      const [network, bits] = ipaddr.parseCIDR(range.trim());
      return network.kind() === address.kind() && address.match([network, bits] as never);
    }
    const [from = "", to = from] = range.split("-").map((end) => end.trim());
    const ends = [ipaddr.parse(from), ipaddr.parse(to)].map((end) => end.toByteArray());
    const bytes = address.toByteArray();
    return ends.every((end) => end.length === bytes.length) && !less(bytes, ends[0]) && !less(ends[1], bytes);
  } catch {
    return false;
  }
}

function less(one: readonly number[] = [], other: readonly number[] = []): boolean {
  const index = one.findIndex((byte, at) => byte !== other[at]);
  return index >= 0 && (one[index] ?? 0) < (other[index] ?? 0);
}

interface MetalPool {
  readonly addresses?: readonly string[];
  readonly serviceAllocation?: { readonly namespaces?: readonly string[] };
}
interface Advertisement {
  readonly ipAddressPools?: readonly string[];
  readonly ipAddressPoolSelectors?: readonly unknown[];
}

/** MetalLB's pools, each with what keeps it from serving a namespace; undefined where MetalLB is not there. */
export async function metalPools(reader: Reader, namespace: string): Promise<Pool[] | undefined> {
  const [pools, ...advertised] = await Promise.all([POOLS, ...ADVERTISEMENTS].map((kind) => reader.list(kind)));
  if (pools === undefined) return undefined;
  const advertisements = advertised.flatMap((list) => (list ?? []).map(({ spec }) => (spec ?? {}) as Advertisement));
  return pools.map((pool) => {
    const { addresses = [], serviceAllocation } = (pool.spec ?? {}) as MetalPool;
    const namespaces = serviceAllocation?.namespaces ?? [];
    // Selectors choose by labels: they are taken to choose it.
    const isAdvertised = advertisements.some(({ ipAddressPools = [], ipAddressPoolSelectors = [] }) => {
      return (
        ipAddressPools.includes(pool.metadata.name) || ipAddressPools.length === 0 || ipAddressPoolSelectors.length > 0
      );
    });
    const closed = !isAdvertised
      ? "no L2Advertisement and no BGPAdvertisement names it"
      : namespaces.length > 0 && !namespaces.includes(namespace)
        ? `it serves only the namespaces ${namespaces.join(", ")}`
        : undefined;
    return { name: named(pool), ranges: addresses, closed };
  });
}

interface CiliumPool {
  readonly disabled?: boolean;
  readonly blocks?: readonly { readonly cidr?: string; readonly start?: string; readonly stop?: string }[];
}

/** Cilium's pools; undefined where Cilium has none. */
export async function ciliumPools(reader: Reader): Promise<Pool[] | undefined> {
  const [current, older] = await Promise.all(CILIUM.map((kind) => reader.list(kind)));
  const pools = current ?? older;
  return pools?.map((pool) => {
    const { disabled = false, blocks = [] } = (pool.spec ?? {}) as CiliumPool;
    const ranges = blocks.map(({ cidr, start, stop }) => cidr ?? `${start}-${stop ?? start}`);
    return { name: named(pool), ranges, closed: disabled ? "it is disabled" : undefined };
  });
}

function named({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}
