/** What the clusters of a run ask of each Prism Element, and what an update of their machines asks on top. */

import { add, type Capacity, capacityOf, NOTHING } from "../../manifests/cluster-capacity.ts";
import { identifierText } from "../../manifests/cluster-config.ts";
import { type Machine, type MachineGroup, machineGroups } from "../../manifests/machine-groups.ts";
import { bytes } from "../../policy/rules/plain-values.ts";
import type { Inventory, PrismElement } from "../../prism-central/inventory.ts";
import type { Identifier } from "../../schema/primitives.ts";
import { type CheckContext, Inconclusive } from "../check.ts";
import { prismElementOf } from "./machine-groups.ts";

/** An amount for all machines at once, and what is there for a while beside it when they are replaced one by one. */
export interface WithUpdate<T> {
  readonly all: T;
  readonly update: T;
}

/** What is asked of one Prism Element. */
export interface Demand extends WithUpdate<Capacity> {
  readonly prismElement: PrismElement;
  readonly inventory: Inventory;
  /** Names of the clusters that ask. */
  readonly clusters: readonly string[];
  /** vCPUs of the largest single machine. */
  readonly largest: number;
  /** GiB of disks by the storage container that is named for them; a system disk names none. */
  readonly named: readonly (WithUpdate<number> & { readonly container: Identifier })[];
}

export interface Demands {
  /** One for each Prism Element. */
  readonly of: readonly Demand[];
  /** Why clusters are not among them. */
  readonly missing: readonly Inconclusive[];
}

/** Added up once a run, for all checks. A cluster that is there already asks only for what an update needs. */
export function demands(context: CheckContext): Promise<Demands> {
  return context.shared.once("demands", () => addedUp(context));
}

/** False where the management cluster cannot be asked: what a new cluster needs is then told, which is the careful side. */
export async function isExisting({ existing }: Pick<CheckContext, "existing">, name: string): Promise<boolean> {
  return (await existing().catch(() => new Set<string>())).has(name);
}

/** What one group of a cluster asks. */
interface Share extends Pick<Demand, "prismElement" | "inventory"> {
  readonly key: string;
  readonly cluster: string;
  readonly group: MachineGroup;
  readonly isNew: boolean;
}

async function addedUp(context: CheckContext): Promise<Demands> {
  const missing = new Map<string, Inconclusive>();
  const shares: Share[] = [];
  for (const name of context.clusters) {
    try {
      shares.push(...(await sharesOf(context, name)));
    } catch (error) {
      if (!(error instanceof Inconclusive)) throw error;
      missing.set(error.message, error);
    }
  }
  const byElement = Map.groupBy(shares, ({ key }) => key);
  return { of: [...byElement.values()].map(demand), missing: [...missing.values()] };
}

async function sharesOf(context: CheckContext, name: string): Promise<Share[]> {
  const cluster = context.stack.clusters[name];
  if (cluster === undefined) return [];
  const { session, inventory: open } = context.prismCentrals.of(name);
  const [inventory, exists] = await Promise.all([open(), isExisting(context, name)]);
  const found = await Promise.all(
    machineGroups(cluster).map(async (group): Promise<Share | undefined> => {
      const prismElement = (await prismElementOf(group.machine, inventory)).one;
      if (prismElement === undefined || group.count === 0) return undefined;
      const key = `${session.place} ${prismElement.uuid}`;
      return { key, cluster: name, group, isNew: !exists, prismElement, inventory };
    }),
  );
  return found.filter((share) => share !== undefined);
}

function demand(shares: readonly Share[]): Demand {
  const [{ prismElement, inventory } = shares[0] as Share] = shares;
  const extra = surging(shares);
  const all = shares.filter(({ isNew }) => isNew).map(({ group }) => capacityOf(group.machine, group.count));
  return {
    prismElement,
    inventory,
    clusters: [...new Set(shares.map(({ cluster }) => cluster))],
    all: all.reduce(add, NOTHING),
    update: extra.map(({ group }) => capacityOf(group.machine, 1)).reduce(add, NOTHING),
    largest: Math.max(...shares.map(({ group }) => capacityOf(group.machine, 1).vcpus)),
    named: namedDisks(shares, extra),
  };
}

/**
 * The groups that get a machine more while they are updated: each of the workers, since the charts leave MachineDeployments
 * their maxSurge of 1; and the largest of a control plane, whose machines are replaced one after the other.
 */
function surging(shares: readonly Share[]): readonly Share[] {
  const size = ({ group }: Share) => bytes(group.machine.memorySize) ?? 0;
  const controlPlanes = Map.groupBy(
    shares.filter(({ group }) => group.role === "controlPlane"),
    ({ cluster }) => cluster,
  );
  const ofControlPlanes = [...controlPlanes.values()].map((own) =>
    own.reduce((largest, one) => (size(one) > size(largest) ? one : largest)),
  );
  return [...shares.filter(({ group }) => group.role === "worker"), ...ofControlPlanes];
}

/** Disks whose storage container is named. */
function namedDisks(shares: readonly Share[], extra: readonly Share[]): Demand["named"] {
  const found = new Map<string, { container: Identifier; all: number; update: number }>();
  const count = ({ group, isNew }: Share) => (isNew ? group.count : 0);
  for (const share of shares) {
    for (const { container, gib } of disksOf(share.group.machine)) {
      const key = identifierText(container);
      const known = found.get(key) ?? { container, all: 0, update: 0 };
      const more = extra.includes(share) ? gib : 0;
      found.set(key, { container, all: known.all + count(share) * gib, update: known.update + more });
    }
  }
  return [...found.values()];
}

function disksOf({ dataDisks = [] }: Machine): { container: Identifier; gib: number }[] {
  return dataDisks.flatMap(({ diskSize, storageConfig }) => {
    const container = storageConfig?.storageContainer;
    return container === undefined ? [] : [{ container, gib: (bytes(diskSize) ?? 0) / 2 ** 30 }];
  });
}
