/** Violations between parts of a cluster: unknown failure domains, duplicate and long names. */
import type { Violation } from "../policy/rules/violation.ts";
import type { Cluster } from "./cluster.ts";

/** Machine names are label values. */
const MAX_NAME_LENGTH = 63;

export function clusterViolations(at: string, name: string, cluster: Cluster): Violation[] {
  return [...domainViolations(at, cluster), ...nameViolations(at, name, cluster), ...proxyViolations(at, cluster)];
}

interface NamedGroup {
  readonly at: string;
  readonly name: string;
  readonly failureDomains: readonly string[];
  /** Whether the failure domains are its own and not those of `worker`. */
  readonly isOwn: boolean;
}

function groups(cluster: Cluster): NamedGroup[] {
  const first = cluster.worker?.failureDomains;
  const pools = Object.entries(cluster.workerPools ?? {}).map(([name, pool]) => ({
    at: `workerPools.${name}`,
    name,
    failureDomains: pool.failureDomains ?? first ?? [],
    isOwn: pool.failureDomains !== undefined,
  }));
  return [{ at: "worker", name: "md", failureDomains: first ?? [], isOwn: true }, ...pools];
}

function domainViolations(at: string, cluster: Cluster): Violation[] {
  const known = Object.keys(cluster.failureDomains ?? {});
  const controlPlane = cluster.mode === "standalone" ? (cluster.controlPlane?.failureDomains ?? []) : [];
  const named = [
    { at: "controlPlane", failureDomains: controlPlane },
    ...groups(cluster).filter(({ isOwn }) => isOwn),
  ].flatMap(({ at: path, failureDomains }) =>
    failureDomains.map((value, index) => ({ path: `${at}.${path}.failureDomains.${index}`, value })),
  );
  const missing = named
    .filter(({ value }) => !known.includes(value))
    .map(({ path, value }) => ({
      path,
      value,
      reason: "is not a failure domain of the cluster",
      remedy: known.length === 0 ? `add failureDomains.${value}` : `write ${known.join(" or ")}, or add it`,
    }));
  const used = new Set(named.map(({ value }) => value));
  const unused = known
    .filter((name) => !used.has(name))
    .map((name) => ({
      path: `${at}.failureDomains.${name}`,
      reason: "has no effect, since no machines use it",
      remedy: "add it to failureDomains of controlPlane, worker or a pool, or remove it",
    }));
  return [...missing, ...unused];
}

function nameViolations(at: string, cluster: string, spec: Cluster): Violation[] {
  const violations: Violation[] = [];
  const taken = new Map<string, string>();
  for (const group of groups(spec)) {
    const endings = group.failureDomains.length > 0 ? group.failureDomains.map((domain) => `-${domain}`) : [""];
    for (const name of endings.map((ending) => `${group.name}${ending}`)) {
      const first = taken.get(name);
      if (first !== undefined) {
        violations.push({
          path: `${at}.${group.at}`,
          reason: `creates machines named ${cluster}-${name} like ${first}`,
          remedy: "rename the pool",
        });
      }
      taken.set(name, group.at);
      const length = `${cluster}-${name}`.length;
      if (length > MAX_NAME_LENGTH) {
        violations.push({
          path: `${at}.${group.at}`,
          reason: `creates machines named ${cluster}-${name}, ${length} characters, more than ${MAX_NAME_LENGTH}`,
          remedy: "shorten the name of the cluster, the pool or the failure domain",
        });
      }
    }
  }
  return violations;
}

function proxyViolations(at: string, { proxy }: Cluster): Violation[] {
  if (proxy === undefined || proxy.http !== undefined || proxy.https !== undefined) return [];
  return [{ path: `${at}.proxy`, reason: "has no proxy", remedy: "set http, https or both, or remove proxy" }];
}
