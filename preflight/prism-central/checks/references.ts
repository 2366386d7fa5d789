/** Is there exactly one of everything that a cluster names? */
import { identifierText } from "../../../manifests/cluster-config.ts";
import { machineGroups } from "../../../manifests/machine-groups.ts";
import type { Identifier } from "../../../schema/primitives.ts";
import { prismElementOf, subnetOf, told } from "../machine-groups.ts";
import { resolved } from "../resolve.ts";
import { clusterCheck, fail, type Outcome, pass } from "./cluster-check.ts";

export const prismElementExists = clusterCheck(
  { id: "prism-element-exists", asks: "is there exactly one Prism Element of each name or UUID?" },
  async ({ cluster }, inventory) => {
    const all = await inventory();
    return Promise.all(
      machineGroups(cluster).map(async ({ machine }): Promise<Outcome> => {
        const { one, found, remedy } = await prismElementOf(machine, all);
        return one === undefined ? fail(found, remedy) : pass(`Prism Element ${told(machine.cluster, one)}`);
      }),
    );
  },
);

export const prismElementIsNotPrismCentral = clusterCheck(
  {
    id: "prism-element-is-not-prism-central",
    asks: "is it a Prism Element that is named, and not Prism Central's own entry in the list?",
  },
  async ({ cluster }, inventory) => {
    const all = await (await inventory()).prismElements();
    return machineGroups(cluster).flatMap(({ machine }): Outcome[] => {
      const named = all.filter((one) => isNamed(machine.cluster, one));
      const text = `"${identifierText(machine.cluster)}"`;
      const central = named.find(({ isPrismElement }) => !isPrismElement);
      if (central === undefined) return named.length === 0 ? [] : [pass(`${text} is no name of Prism Central`)];
      const element = named.find(({ isPrismElement }) => isPrismElement);
      return element === undefined
        ? [fail(`${text} is Prism Central's own entry`, "name the Prism Element that the machines run on")]
        : [
            fail(
              `${text} is the name of a Prism Element and of Prism Central's own entry`,
              `write {type: uuid, uuid: ${element.uuid}}, so that nobody mistakes them`,
            ),
          ];
    });
  },
);

function isNamed(identifier: Identifier, { name, uuid }: { name: string; uuid: string }): boolean {
  return identifier.type === "uuid"
    ? identifier.uuid.toLowerCase() === uuid.toLowerCase()
    : identifier.name.toLowerCase() === name.toLowerCase();
}

export const subnetsExist = clusterCheck(
  { id: "subnets-exist", asks: "is there exactly one subnet of each name or UUID?" },
  async ({ cluster }, inventory) => {
    const all = await inventory();
    const outcomes = machineGroups(cluster).map(async ({ machine }) => {
      const prismElement = (await prismElementOf(machine, all)).one;
      return Promise.all(
        machine.subnets.map(async (subnet): Promise<Outcome> => {
          const { one, found, remedy } = await subnetOf(subnet, prismElement, all);
          return one === undefined ? fail(found, remedy) : pass(`subnet ${told(subnet, one)}`);
        }),
      );
    });
    return (await Promise.all(outcomes)).flat();
  },
);

export const subnetsReachThePrismElement = clusterCheck(
  { id: "subnets-reach-the-prism-element", asks: "is each subnet on the Prism Element of its machines?" },
  async ({ cluster }, inventory) => {
    const all = await inventory();
    const outcomes = machineGroups(cluster).map(async ({ machine }) => {
      const prismElement = (await prismElementOf(machine, all)).one;
      if (prismElement === undefined) return [];
      const subnets = await Promise.all(machine.subnets.map((subnet) => subnetOf(subnet, prismElement, all)));
      return subnets.flatMap(({ one }): Outcome[] => {
        if (one === undefined) return [];
        if (one.kind === "overlay") return [pass(`"${one.name}" is an overlay, which is on every Prism Element`)];
        return one.prismElements.includes(prismElement.uuid)
          ? [pass(`"${one.name}" is on "${prismElement.name}"`)]
          : [
              fail(
                `the subnet "${one.name}" (${one.uuid}) is not on the Prism Element "${prismElement.name}"`,
                "name a subnet of that Prism Element, or the Prism Element of that subnet",
              ),
            ];
      });
    });
    return (await Promise.all(outcomes)).flat();
  },
);

export const projectExists = clusterCheck(
  { id: "project-exists", asks: "is there exactly one project of each name or UUID?" },
  async ({ cluster }, inventory) => {
    const named = machineGroups(cluster).flatMap(({ machine: { project } }): Identifier[] => {
      if (project === undefined) return [];
      return [typeof project === "string" ? { type: "name", name: project } : project];
    });
    if (named.length === 0) return [];
    const among = await (await inventory()).projects();
    return named.map((identifier) => {
      const { one, found, remedy } = resolved({ what: "project", identifier, among, anyCase: true });
      return one === undefined ? fail(found, remedy) : pass(`project ${told(identifier, one)}`);
    });
  },
);

export const categoriesExist = clusterCheck(
  { id: "categories-exist", asks: "does each category exist, as a key with that value?" },
  async ({ cluster }, inventory) => {
    const named = machineGroups(cluster).flatMap(({ machine }) => machine.additionalCategories ?? []);
    if (named.length === 0) return [];
    const all = await inventory();
    const pairs = named.map((category) => {
      if (typeof category !== "string") return category;
      const colon = category.indexOf(":");
      return { key: category.slice(0, colon), value: category.slice(colon + 1) };
    });
    return Promise.all(
      pairs.map(async ({ key, value }) =>
        (await all.hasCategory(key, value))
          ? pass(`category ${key}:${value} is there`)
          : fail(
              `there is no category ${key}:${value}`,
              "make it in Prism Central: CAPX puts on what is there, and makes none",
            ),
      ),
    );
  },
);
