/** What a cluster's groups of machines refer to on Prism Central. */
import { type Machine, type MachineGroup, machineGroups } from "../../manifests/machine-groups.ts";
import type { PrismInventory } from "../../prism-central/inventory.ts";
import type { PrismElement, Subnet } from "../../prism-central/prism-entities.ts";
import type { Cluster } from "../../schema/cluster.ts";
import type { Identifier } from "../../schema/primitives.ts";
import { type Resolution, resolveIdentifier } from "./resolve-identifier.ts";

/** Prism Element of a group. Prism Central's own entry in the list is no candidate, as for CAPX. */
export async function prismElementOf(machine: Machine, inventory: PrismInventory): Promise<Resolution<PrismElement>> {
  const candidates = (await inventory.prismElements()).filter(({ isPrismElement }) => isPrismElement);
  return resolveIdentifier({ what: "Prism Element", identifier: machine.cluster, candidates, ignoreCase: true });
}

/** A subnet of a group: one on its Prism Element, or an overlay one, as CAPX chooses between subnets of one name. */
async function subnetOf(
  identifier: Identifier,
  prismElement: PrismElement | undefined,
  inventory: PrismInventory,
): Promise<Resolution<Subnet>> {
  const subnets = await inventory.subnets();
  const isReachable = ({ kind, prismElements }: Subnet) =>
    kind === "overlay" || prismElement === undefined || prismElements.includes(prismElement.uuid);
  const reachable = subnets.filter(isReachable);
  const isNamed = identifier.type === "name" && reachable.some(({ name }) => name === identifier.name);
  return resolveIdentifier({ what: "subnet", identifier, candidates: isNamed ? reachable : subnets });
}

export type SubnetReference = Resolution<Subnet> & {
  readonly group: MachineGroup;
  readonly prismElement: PrismElement | undefined;
};

/** Every subnet of every group of machines. */
export async function subnetReferences(cluster: Cluster, inventory: PrismInventory): Promise<SubnetReference[]> {
  const references = machineGroups(cluster).map(async (group) => {
    const prismElement = (await prismElementOf(group.machine, inventory)).one;
    const subnets = group.machine.subnets.map((identifier) => subnetOf(identifier, prismElement, inventory));
    return (await Promise.all(subnets)).map((subnet) => ({ ...subnet, group, prismElement }));
  });
  return (await Promise.all(references)).flat();
}

/** The node network, which is the first subnet, of each group of one role, as far as it resolves. */
export async function nodeSubnets(
  cluster: Cluster,
  inventory: PrismInventory,
  role?: MachineGroup["role"],
): Promise<Subnet[]> {
  const groups = machineGroups(cluster).filter((group) => role === undefined || group.role === role);
  const found = await Promise.all(
    groups.map(async ({ machine }) => {
      const prismElement = (await prismElementOf(machine, inventory)).one;
      const [first] = machine.subnets;
      return first === undefined ? undefined : (await subnetOf(first, prismElement, inventory)).one;
    }),
  );
  return [...new Map(found.flatMap((subnet) => (subnet === undefined ? [] : [[subnet.uuid, subnet]]))).values()];
}
