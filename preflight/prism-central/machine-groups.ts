/** A cluster's groups of machines with what they name on Prism Central. */
import { identifierText } from "../../manifests/cluster-config.ts";
import { type Machine, type MachineGroup, machineGroups } from "../../manifests/machine-groups.ts";
import type { Inventory, PrismElement, Subnet } from "../../prism-central/inventory.ts";
import type { Cluster } from "../../schema/cluster.ts";
import type { Identifier } from "../../schema/primitives.ts";
import { type Resolved, resolved } from "./resolve.ts";

/** Prism Element of a group, in Prism Central's list; its own entry is not among them, which is what CAPX looks through too. */
export async function prismElementOf(machine: Machine, inventory: Inventory): Promise<Resolved<PrismElement>> {
  const among = (await inventory.prismElements()).filter(({ isPrismElement }) => isPrismElement);
  return resolved({ what: "Prism Element", identifier: machine.cluster, among, anyCase: true });
}

/** A subnet of a group: one on its Prism Element, or an overlay one, as CAPX chooses between subnets of one name. */
export async function subnetOf(
  identifier: Identifier,
  prismElement: PrismElement | undefined,
  inventory: Inventory,
): Promise<Resolved<Subnet>> {
  const subnets = await inventory.subnets();
  const isThere = ({ kind, prismElements }: Subnet) =>
    kind === "overlay" || prismElement === undefined || prismElements.includes(prismElement.uuid);
  const among =
    identifier.type === "name" && subnets.some((one) => one.name === identifier.name && isThere(one))
      ? subnets.filter(isThere)
      : subnets;
  return resolved({ what: "subnet", identifier, among });
}

/** The node network of each group of one role, as far as it resolves. */
export async function nodeSubnets(
  cluster: Cluster,
  inventory: Inventory,
  role?: MachineGroup["role"],
): Promise<Subnet[]> {
  const groups = machineGroups(cluster).filter((group) => role === undefined || group.role === role);
  const found = await Promise.all(
    groups.map(async ({ machine }) => {
      const prismElement = (await prismElementOf(machine, inventory)).one;
      const first = machine.subnets[0];
      return first === undefined ? undefined : (await subnetOf(first, prismElement, inventory)).one;
    }),
  );
  return [...new Map(found.flatMap((subnet) => (subnet === undefined ? [] : [[subnet.uuid, subnet]]))).values()];
}

/** `image "ubuntu" (550e…)`: how a thing that was found is told, with the UUID to write where a name is not enough. */
export function told(identifier: Identifier, one: { readonly name: string; readonly uuid: string }): string {
  return identifier.type === "name" ? `"${identifierText(identifier)}" is ${one.uuid}` : `${one.uuid} is "${one.name}"`;
}
