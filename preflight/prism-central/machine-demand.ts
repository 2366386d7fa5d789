/** What the selected clusters demand of each Prism Element, and what an update of their machines demands on top. */
import { add, type Capacity, capacityOf, NOTHING } from "../../manifests/cluster-capacity.ts";
import { identifierText } from "../../manifests/cluster-config.ts";
import { type MachineGroup, machineGroups } from "../../manifests/machine-groups.ts";
import { bytes } from "../../policy/rules/plain-values.ts";
import type { PrismInventory } from "../../prism-central/inventory.ts";
import type { PrismElement } from "../../prism-central/prism-entities.ts";
import type { Identifier } from "../../schema/primitives.ts";
import { type CheckContext, type CheckOutcome, inconclusiveBy } from "../check.ts";
import { prismElementOf } from "./machine-references.ts";

/** An amount for all machines, and the additional one while they are replaced one by one. */
export interface WithUpdate<T> {
  readonly all: T;
  readonly update: T;
}

export interface PrismElementDemand extends WithUpdate<Capacity> {
  readonly prismElement: PrismElement;
  readonly inventory: PrismInventory;
  /** Names of the clusters. */
  readonly clusters: readonly string[];
  /** vCPUs of the largest single machine. */
  readonly largest: number;
  /** GiB of disks by their storage container; a system disk has none in the stack file. */
  readonly containers: readonly (WithUpdate<number> & { readonly container: Identifier })[];
}

export interface PrismElementDemands {
  /** One for each Prism Element. */
  readonly demands: readonly PrismElementDemand[];
  /** Why clusters are not part of them. */
  readonly missing: readonly CheckOutcome[];
}

/** Summed up once a run, for all checks. An existing cluster demands only what an update needs. */
export function machineDemand(context: CheckContext): Promise<PrismElementDemands> {
  return context.shared.once("machine demand", async () => {
    const missing: CheckOutcome[] = [];
    const shares = await Promise.all(
      context.clusters.map((name) =>
        sharesOf(context, name).catch((error: unknown) => {
          missing.push(inconclusiveBy(error));
          return [];
        }),
      ),
    );
    const byElement = Map.groupBy(shares.flat(), ({ key }) => key);
    return { demands: [...byElement.values()].map(demandOf), missing };
  });
}

/** False where the management cluster is not readable: the demand is then that of a new cluster, which is the safe side. */
export async function isExisting(
  { existingClusters }: Pick<CheckContext, "existingClusters">,
  name: string,
): Promise<boolean> {
  return (await existingClusters().catch(() => new Set<string>())).has(name);
}

/** One group of machines on its Prism Element. */
interface GroupShare extends Pick<PrismElementDemand, "prismElement" | "inventory"> {
  readonly key: string;
  readonly cluster: string;
  readonly group: MachineGroup;
  readonly isNew: boolean;
}

async function sharesOf(context: CheckContext, name: string): Promise<GroupShare[]> {
  const cluster = context.stack.clusters[name];
  if (cluster === undefined) return [];
  const { session, inventory } = context.prismCentrals.of(name);
  const isNew = !(await isExisting(context, name));
  const shares = machineGroups(cluster).map(async (group): Promise<GroupShare[]> => {
    const prismElement = (await prismElementOf(group.machine, inventory)).one;
    if (prismElement === undefined || group.count === 0) return [];
    return [{ key: `${session.address} ${prismElement.uuid}`, cluster: name, group, isNew, prismElement, inventory }];
  });
  return (await Promise.all(shares)).flat();
}

function demandOf(shares: readonly GroupShare[]): PrismElementDemand {
  const [{ prismElement, inventory }] = shares as readonly [GroupShare];
  const surging = surgingShares(shares);
  const sum = (of: readonly GroupShare[], count: (group: MachineGroup) => number) =>
    of.map(({ group }) => capacityOf(group.machine, count(group))).reduce(add, NOTHING);
  return {
    ...{ prismElement, inventory },
    clusters: [...new Set(shares.map(({ cluster }) => cluster))],
    all: sum(
      shares.filter(({ isNew }) => isNew),
      ({ count }) => count,
    ),
    update: sum(surging, () => 1),
    largest: Math.max(...shares.map(({ group }) => capacityOf(group.machine, 1).vcpus)),
    containers: diskDemands(shares, surging),
  };
}

/**
 * The groups that get one more machine during an update: each of the workers, since the charts leave MachineDeployments
 * their maxSurge of 1; and the largest of a control plane, whose machines are replaced one after the other.
 */
function surgingShares(shares: readonly GroupShare[]): readonly GroupShare[] {
  const size = ({ group }: GroupShare) => bytes(group.machine.memorySize) ?? 0;
  const { worker = [], controlPlane = [] } = Object.groupBy(shares, ({ group }) => group.role);
  const controlPlanes = Map.groupBy(controlPlane, ({ cluster }) => cluster);
  const largest = [...controlPlanes.values()].map((own) =>
    own.reduce((largest, one) => (size(one) > size(largest) ? one : largest)),
  );
  return [...worker, ...largest];
}

/** Disks with a storage container of their own. */
function diskDemands(shares: readonly GroupShare[], surging: readonly GroupShare[]): PrismElementDemand["containers"] {
  const demands = new Map<string, { container: Identifier; all: number; update: number }>();
  for (const share of shares) {
    const { group, isNew } = share;
    for (const { diskSize, storageConfig } of group.machine.dataDisks ?? []) {
      const container = storageConfig?.storageContainer;
      if (container === undefined) continue;
      const gib = (bytes(diskSize) ?? 0) / 2 ** 30;
      const key = identifierText(container);
      const { all, update } = demands.get(key) ?? { all: 0, update: 0 };
      const [more, surge] = [isNew ? group.count * gib : 0, surging.includes(share) ? gib : 0];
      demands.set(key, { container, all: all + more, update: update + surge });
    }
  }
  return [...demands.values()];
}
