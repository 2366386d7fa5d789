/** What the parts of one cluster say of each other: failure domains that are not there, names that are one or too long. */
import type { Violation } from "../policy/rules/violation.ts";
import type { Cluster } from "./cluster.ts";

/** The name of machines that are made alike is a label's value. */
const LONGEST_NAME = 63;

/** Faults of a cluster that can be read. `name` is the cluster's. */
export function clusterViolations(at: string, name: string, cluster: Cluster): Violation[] {
  return [...domainFaults(at, cluster), ...nameFaults(at, name, cluster), ...proxyFaults(at, cluster)];
}

interface Group {
  readonly at: string;
  readonly name: string;
  readonly failureDomains: readonly string[];
  /** Whether the failure domains stand here, and not in `worker`. */
  readonly isOwn: boolean;
}

function groups(cluster: Cluster): Group[] {
  const first = cluster.worker?.failureDomains;
  const pools = Object.entries(cluster.workerPools ?? {}).map(([name, pool]) => ({
    at: `workerPools.${name}`,
    name,
    failureDomains: pool.failureDomains ?? first ?? [],
    isOwn: pool.failureDomains !== undefined,
  }));
  return [{ at: "worker", name: "md", failureDomains: first ?? [], isOwn: true }, ...pools];
}

function domainFaults(at: string, cluster: Cluster): Violation[] {
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
      reason: "is no failure domain of the cluster",
      remedy: known.length === 0 ? `add failureDomains.${value}` : `write ${known.join(" or ")}, or add it`,
    }));
  const used = new Set(named.map(({ value }) => value));
  const unused = known
    .filter((name) => !used.has(name))
    .map((name) => ({
      path: `${at}.failureDomains.${name}`,
      reason: "has no effect, since no machines are spread over it",
      remedy: "name it in failureDomains of controlPlane, worker or a pool, or take it out",
    }));
  return [...missing, ...unused];
}

function nameFaults(at: string, cluster: string, spec: Cluster): Violation[] {
  const faults: Violation[] = [];
  const taken = new Map<string, string>();
  for (const group of groups(spec)) {
    const endings = group.failureDomains.length > 0 ? group.failureDomains.map((domain) => `-${domain}`) : [""];
    for (const name of endings.map((ending) => `${group.name}${ending}`)) {
      const first = taken.get(name);
      if (first !== undefined) {
        faults.push({
          path: `${at}.${group.at}`,
          reason: `makes machines named ${cluster}-${name}, and so does ${first}`,
          remedy: "give the pool another name",
        });
      }
      taken.set(name, group.at);
      const length = `${cluster}-${name}`.length;
      if (length > LONGEST_NAME) {
        faults.push({
          path: `${at}.${group.at}`,
          reason: `makes machines named ${cluster}-${name}, ${length} characters and not ${LONGEST_NAME} at most`,
          remedy: "shorten the name of the cluster, the pool or the failure domain",
        });
      }
    }
  }
  return faults;
}

function proxyFaults(at: string, { proxy }: Cluster): Violation[] {
  if (proxy === undefined || proxy.http !== undefined || proxy.https !== undefined) return [];
  return [
    { path: `${at}.proxy`, reason: "names no proxy", remedy: "write http, https or both of them, or take proxy out" },
  ];
}
