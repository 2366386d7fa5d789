/** Names that two clusters of a stack, or two of its other parts, would share. */
import type { Violation } from "../policy/rules/violation.ts";
import type { Cluster } from "../schema/cluster.ts";
import type { Stack } from "../schema/stack.ts";
import { FIRST_POOL, machineGroups } from "./machine-groups.ts";
import { OWN_PROVIDERS } from "./management-object.ts";
import { CAPX_RELEASE, KCM_RELEASE, PROVIDER } from "./names.ts";

export function sharedNameViolations(stack: Stack): Violation[] {
  return [...providerViolations(stack), ...clusterViolations(stack)];
}

/** Providers that every Management of this project has. */
function ownProviders({ capx }: Stack): string[] {
  return [...OWN_PROVIDERS.map(({ name }) => name), ...(capx.chart === undefined ? [PROVIDER] : [])];
}

function providerViolations(stack: Stack): Violation[] {
  const own = ownProviders(stack);
  const names = stack.management.providers.map(({ name }) => name);
  return names.flatMap((value, index): Violation[] => {
    const path = `management.providers.${index}.name`;
    if (own.includes(value))
      return [{ path, value, reason: "is a provider that this project adds", remedy: "remove it" }];
    const isRepeated = names.indexOf(value) < index;
    return isRepeated
      ? [{ path, value, reason: "is a provider twice in this list", remedy: "remove one of the two" }]
      : [];
  });
}

interface ChartObject {
  readonly kind: string;
  readonly name: string;
  /** What names it, below the cluster; empty: the cluster's own name. */
  readonly at: string;
}

/** Objects whose names a cluster's chart puts together; all others end in a word that no other name ends in. */
function chartObjects(cluster: string, spec: Cluster): ChartObject[] {
  const groups = machineGroups(spec).filter(({ role }) => role === "worker");
  const pools = Object.keys(spec.workerPools ?? {});
  const workers = [
    { at: "", pool: FIRST_POOL, ending: "" },
    ...pools.map((pool) => ({ at: `workerPools.${pool}`, pool, ending: `-${pool}` })),
  ];
  return [
    ...groups.map(({ name, at }) => ({
      kind: "MachineDeployment",
      name: `${cluster}-${name}`,
      at: at === "worker" ? "" : at,
    })),
    ...workers.map(({ at, pool }) => ({ kind: "MachineHealthCheck", name: `${cluster}-${pool}`, at })),
    ...workers.map(({ at, ending }) => ({
      kind: "K0sWorkerConfigTemplate",
      name: `${cluster}-${spec.mode}-worker${ending}-bootstrap`,
      at,
    })),
    ...Object.keys(spec.failureDomains ?? {}).map((domain) => ({
      kind: "NutanixFailureDomain",
      name: `${cluster}-${domain}`,
      at: `failureDomains.${domain}`,
    })),
  ];
}

/** Helm releases in the namespace of clusters, where a cluster is a release of its name. */
function otherReleases(stack: Stack): string[] {
  const providers = stack.management.providers.map(({ name }) => name);
  return [KCM_RELEASE, "capi", CAPX_RELEASE, PROVIDER, ...ownProviders(stack), ...providers];
}

function clusterViolations(stack: Stack): Violation[] {
  const releases = new Set(otherReleases(stack));
  const taken = new Map<string, { readonly cluster: string; readonly path: string }>();
  const seen = new Set<string>();
  return Object.entries(stack.clusters).flatMap(([cluster, spec]): Violation[] => {
    const own = { path: `clusters.${cluster}`, reason: "has the name of a Helm release of kcm or CAPX" };
    const shared = chartObjects(cluster, spec).flatMap(({ kind, name, at }): Violation[] => {
      const path = at === "" ? `clusters.${cluster}` : `clusters.${cluster}.${at}`;
      const first = taken.get(`${kind} ${name}`);
      taken.set(`${kind} ${name}`, { cluster, path });
      if (first === undefined || first.cluster === cluster) return [];
      const pair = `${path} ${first.path}`;
      if (seen.has(pair)) return [];
      seen.add(pair);
      return [{ path, reason: `has the ${kind} ${name} like ${first.path}`, remedy: "rename one of the two" }];
    });
    return [...(releases.has(cluster) ? [{ ...own, remedy: "use another name" }] : []), ...shared];
  });
}
