/** Does exactly one of everything exist that a cluster refers to? */
import { categoryOf, identifierText, projectOf } from "../../../manifests/cluster-config.ts";
import { machineGroups } from "../../../manifests/machine-groups.ts";
import { type Check, type CheckOutcome, fail, pass } from "../../check.ts";
import { prismElementOf, subnetReferences } from "../machine-references.ts";
import { resolveIdentifier } from "../resolve-identifier.ts";

export const REFERENCE_CHECKS: readonly Check[] = [
  {
    id: "prism-element-exists",
    description: "exactly one Prism Element has each name or UUID",
    scope: "cluster",
    run: ({ cluster, inventory }) =>
      Promise.all(
        machineGroups(cluster).map(async ({ machine }) => (await prismElementOf(machine, inventory)).outcome),
      ),
  },
  {
    id: "prism-element-is-not-prism-central",
    description: "the name is that of a Prism Element, and not of Prism Central's own entry in the list",
    scope: "cluster",
    run: async ({ cluster, inventory }) => {
      const all = await inventory.prismElements();
      return machineGroups(cluster).flatMap(({ machine }) => {
        const wanted = identifierText(machine.cluster);
        const matches = all.filter((one) => one[machine.cluster.type].toLowerCase() === wanted.toLowerCase());
        if (matches.length === 0) return [];
        if (matches.every(({ isPrismElement }) => isPrismElement)) return pass(`"${wanted}" is not Prism Central`);
        const element = matches.find(({ isPrismElement }) => isPrismElement);
        return element === undefined
          ? fail(`"${wanted}" is Prism Central's own entry`, "set the Prism Element that the machines run on")
          : fail(
              `"${wanted}" is the name of a Prism Element and of Prism Central's own entry`,
              `write {type: uuid, uuid: ${element.uuid}}`,
            );
      });
    },
  },
  {
    id: "subnets-exist",
    description: "exactly one subnet has each name or UUID",
    scope: "cluster",
    run: async ({ cluster, inventory }) => (await subnetReferences(cluster, inventory)).map(({ outcome }) => outcome),
  },
  {
    id: "subnets-reach-the-prism-element",
    description: "each subnet is on the Prism Element of its machines",
    scope: "cluster",
    run: async ({ cluster, inventory }) =>
      (await subnetReferences(cluster, inventory)).flatMap(({ one, prismElement }): CheckOutcome[] => {
        if (one === undefined || prismElement === undefined) return [];
        if (one.kind === "overlay") return [pass(`"${one.name}" is an overlay, which is on every Prism Element`)];
        if (one.prismElements.includes(prismElement.uuid)) return [pass(`"${one.name}" is on "${prismElement.name}"`)];
        return [
          fail(
            `the subnet "${one.name}" (${one.uuid}) is not on the Prism Element "${prismElement.name}"`,
            "set a subnet of that Prism Element, or the Prism Element of that subnet",
          ),
        ];
      }),
  },
  {
    id: "project-exists",
    description: "exactly one project has each name or UUID",
    scope: "cluster",
    run: async ({ cluster, inventory }) => {
      const identifiers = machineGroups(cluster).flatMap(({ machine }) => projectOf(machine) ?? []);
      if (identifiers.length === 0) return [];
      const candidates = await inventory.projects();
      return identifiers.map(
        (identifier) => resolveIdentifier({ what: "project", identifier, candidates, ignoreCase: true }).outcome,
      );
    },
  },
  {
    id: "categories-exist",
    description: "each category exists, as a key with that value",
    scope: "cluster",
    run: ({ cluster, inventory }) => {
      const categories = machineGroups(cluster).flatMap(({ machine }) => machine.additionalCategories ?? []);
      return Promise.all(
        categories.map(async (category) => {
          const { key, value } = categoryOf(category);
          if (await inventory.hasCategory(key, value)) return pass(`category ${key}:${value} exists`);
          const remedy = "create it in Prism Central: CAPX assigns categories, and creates none";
          return fail(`no category ${key}:${value} exists`, remedy);
        }),
      );
    },
  },
];
