/** Address pools of load balancers, as MetalLB and Cilium define them. */
import type { KindReference, KubernetesObject } from "../../kubernetes/object.ts";
import { at, list, text } from "../../policy/rules/plain-values.ts";
import type { Reader } from "./reader.ts";

export interface AddressPool {
  /** Like `IPAddressPool metallb-system/first`. */
  readonly name: string;
  /** Like `10.1.0.0/24` and `10.1.0.1-10.1.0.9`. */
  readonly ranges: readonly string[];
  /** Why it assigns no address to a Service of kcm's namespace; undefined: it does. */
  readonly unusable: string | undefined;
}

const metalLb = (kind: string): KindReference => ({ apiVersion: "metallb.io/v1beta1", kind });
const METALLB = [metalLb("IPAddressPool"), metalLb("L2Advertisement"), metalLb("BGPAdvertisement")];
const CILIUM = ["cilium.io/v2", "cilium.io/v2alpha1"].map((apiVersion) => ({
  apiVersion,
  kind: "CiliumLoadBalancerIPPool",
}));

/** MetalLB's pools; undefined where MetalLB is not installed. */
export async function metalLbPools(reader: Reader, namespace: string): Promise<AddressPool[] | undefined> {
  const [pools, ...lists] = await Promise.all(METALLB.map((kind) => reader.list(kind)));
  const advertisements = lists.flatMap((found) => (found ?? []).map(({ spec }) => spec));
  return pools?.map((pool) => {
    const namespaces = list(at(pool.spec, "serviceAllocation", "namespaces"));
    const isAdvertised = advertisements.some((spec) => {
      const names = list(at(spec, "ipAddressPools"));
      // Label selectors are assumed to match.
      const hasSelectors = list(at(spec, "ipAddressPoolSelectors")).length > 0;
      return names.includes(pool.metadata.name) || names.length === 0 || hasSelectors;
    });
    const unusable = !isAdvertised
      ? "no L2Advertisement or BGPAdvertisement includes it"
      : namespaces.length > 0 && !namespaces.includes(namespace)
        ? `it serves only the namespaces ${namespaces.join(", ")}`
        : undefined;
    return { name: nameOf(pool), ranges: list(at(pool.spec, "addresses")).map(String), unusable };
  });
}

/** Cilium's pools; undefined where Cilium has none. */
export async function ciliumPools(reader: Reader): Promise<AddressPool[] | undefined> {
  const [current, older] = await Promise.all(CILIUM.map((kind) => reader.list(kind)));
  return (current ?? older)?.map((pool) => {
    const ranges = list(at(pool.spec, "blocks")).map((block) => {
      const [cidr, start = "", stop = start] = ["cidr", "start", "stop"].map((key) => text(at(block, key)));
      return cidr ?? `${start}-${stop}`;
    });
    return { name: nameOf(pool), ranges, unusable: at(pool.spec, "disabled") === true ? "it is disabled" : undefined };
  });
}

function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}
