/** Is the cluster's name unique on this Prism Central? CAPX adopts machines by their names, and later deletes them. */
import ipaddr from "ipaddr.js";
import { machineGroups } from "../../../manifests/machine-groups.ts";
import { addressRange, overlap } from "../../../policy/rules/address-ranges.ts";
import { type Check, type ClusterCheckContext, fail, pass } from "../../check.ts";
import { nodeSubnets } from "../machine-references.ts";

/** The category that CAPX assigns to every machine of a cluster. */
const CATEGORY = "KubernetesClusterName";
/** Conflicts that a message lists. */
const LISTED = 5;

export const NAME_CHECKS: readonly Check[] = [
  {
    id: "vm-names-are-available",
    description: "no virtual machine has a name of the cluster's machines before the cluster exists",
    scope: "cluster",
    run: async (context) => {
      const { name, inventory } = context;
      if ((await context.existingClusters()).has(name))
        return pass("the cluster exists, and machines of its name are its own");
      const pattern = machineNames(context);
      const found = (await inventory.virtualMachines()).filter((machine) => pattern.test(machine.name));
      if (found.length === 0) return pass(`no virtual machine has a name of ${name}'s machines`);
      const listed = found.slice(0, LISTED).map((machine) => `"${machine.name}" (${machine.uuid})`);
      const more = found.length > LISTED ? ` and ${found.length - LISTED} more` : "";
      return fail(
        `virtual machines have names of ${name}'s machines: ${listed.join(", ")}${more}`,
        "rename the cluster, or delete them: CAPX would adopt them, and delete them with the cluster",
      );
    },
  },
  {
    id: "category-value-is-available",
    description: `no category ${CATEGORY} has the cluster's name before the cluster exists`,
    scope: "cluster",
    run: async (context) => {
      const { name, inventory } = context;
      if ((await context.existingClusters()).has(name)) return pass("the cluster exists, and the category is its own");
      if (!(await inventory.hasCategory(CATEGORY, name))) return pass(`no category ${CATEGORY}:${name} exists`);
      return fail(
        `the category ${CATEGORY}:${name} exists: another cluster on this Prism Central has or had this name`,
        "rename the cluster, or delete the category if nothing uses it",
      );
    },
  },
  {
    id: "cluster-networks-do-not-overlap-subnets",
    description: "the networks of pods and services overlap neither the machines' networks nor Prism Central's address",
    scope: "cluster",
    run: async ({ cluster, prismCentrals, name, inventory }) => {
      const { pods, services } = cluster.clusterNetwork;
      const { address } = prismCentrals.of(name).target;
      const outside = (await nodeSubnets(cluster, inventory)).flatMap(({ name, cidr }) =>
        cidr === undefined ? [] : [{ text: `${cidr}, the network of "${name}"`, cidr }],
      );
      if (ipaddr.IPv4.isValidFourPartDecimal(address)) {
        outside.push({ text: `${address}, the address of Prism Central`, cidr: `${address}/32` });
      }
      const overlaps = Object.entries({ pods, services }).flatMap(([what, { cidrBlocks }]) =>
        cidrBlocks.flatMap((block) =>
          outside
            .filter(({ cidr }) => overlapping(block, cidr))
            .map(({ text }) =>
              fail(`${block} of ${what} overlaps ${text}`, `change clusterNetwork.${what}.cidrBlocks`),
            ),
        ),
      );
      if (overlaps.length > 0 || outside.length === 0) return overlaps;
      return pass(`pods and services do not overlap ${outside.map(({ text }) => text).join(", ")}`);
    },
  },
];

/** Control plane machines are numbered; workers have two random words after the name of their MachineDeployment. */
function machineNames({ name, cluster }: ClusterCheckContext): RegExp {
  const forms = machineGroups(cluster).map((group) =>
    group.role === "controlPlane" ? `${name}-standalone-cp-\\d+` : `${name}-${group.name}-[a-z0-9]{5,10}-[a-z0-9]{5}`,
  );
  return new RegExp(`^(${[name, ...forms].join("|")})$`);
}

function overlapping(one: string, other: string): boolean {
  const [a, b] = [addressRange(one), addressRange(other)];
  return a !== undefined && b !== undefined && overlap(a, b);
}
