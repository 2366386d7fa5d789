/** Is the cluster's name nobody else's on this Prism Central? CAPX adopts machines by their names, and later deletes them. */
import ipaddr from "ipaddr.js";
import { machineGroups } from "../../../manifests/machine-groups.ts";
import type { ClusterCheckContext } from "../../check.ts";
import { nodeSubnets } from "../machine-groups.ts";
import { clusterCheck, fail, type Outcome, pass } from "./cluster-check.ts";

/** The category that CAPX marks every machine of a cluster with. */
const CATEGORY = "KubernetesClusterName";

export const vmNamesAreAvailable = clusterCheck(
  {
    id: "vm-names-are-available",
    asks: "is there no virtual machine named as a machine of this cluster would be, before the cluster exists?",
  },
  async (context, inventory) => {
    if (await exists(context)) return [pass("the cluster exists: machines of its name are its own")];
    const names = namesOfMachines(context);
    const found = (await (await inventory()).virtualMachines()).filter(({ name }) => names.test(name));
    if (found.length === 0) return [pass(`no virtual machine is named as one of ${context.name} would be`)];
    const shown = found.slice(0, 5).map(({ name, uuid }) => `"${name}" (${uuid})`);
    const more = found.length > shown.length ? ` and ${found.length - shown.length} more` : "";
    return [
      fail(
        `${found.length === 1 ? "a virtual machine is" : `${found.length} virtual machines are`} named as those of ${context.name} would be: ${shown.join(", ")}${more}`,
        "name the cluster otherwise, or remove them: CAPX would take them for its own, and delete them with the cluster",
      ),
    ];
  },
);

/** Control plane machines are numbered; workers carry two random words after the name of their MachineDeployment. */
function namesOfMachines({ name, cluster }: ClusterCheckContext): RegExp {
  const forms = machineGroups(cluster).map((group) =>
    group.role === "controlPlane" ? `${name}-standalone-cp-\\d+` : `${name}-${group.name}-[a-z0-9]{5,10}-[a-z0-9]{5}`,
  );
  return new RegExp(`^(${[name, ...forms].join("|")})$`);
}

export const categoryValueIsAvailable = clusterCheck(
  {
    id: "category-value-is-available",
    asks: `is there no category ${CATEGORY} of the cluster's name, before the cluster exists?`,
  },
  async (context, inventory) => {
    if (await exists(context)) return [pass("the cluster exists: the category is its own")];
    return [
      (await (await inventory()).hasCategory(CATEGORY, context.name))
        ? fail(
            `the category ${CATEGORY}:${context.name} exists, so another cluster has this name on this Prism Central, or had it`,
            "name the cluster otherwise, or delete the category where nothing carries it",
          )
        : pass(`there is no category ${CATEGORY}:${context.name}`),
    ];
  },
);

/** @throws NotKnown where the management cluster cannot be asked: what is there may be the cluster's own. */
async function exists({ existing, name }: ClusterCheckContext): Promise<boolean> {
  return (await existing()).has(name);
}

export const clusterNetworksDoNotOverlapSubnets = clusterCheck(
  {
    id: "cluster-networks-do-not-overlap-subnets",
    asks: "do the networks of pods and services leave the machines' own networks and Prism Central's address alone?",
  },
  async ({ cluster, prismCentrals, name }, inventory) => {
    const inside = [
      { what: "pods", blocks: cluster.clusterNetwork.pods.cidrBlocks },
      { what: "services", blocks: cluster.clusterNetwork.services.cidrBlocks },
    ].flatMap(({ what, blocks }) => blocks.map((block) => ({ what, block })));
    const { address } = prismCentrals.of(name).target;
    const subnets = (await nodeSubnets(cluster, await inventory())).flatMap(({ name, cidr }) =>
      cidr === undefined ? [] : [{ text: `${cidr}, the network of "${name}"`, cidr }],
    );
    const outside = [
      ...subnets,
      ...(ipaddr.IPv4.isValidFourPartDecimal(address)
        ? [{ text: `${address}, the address of Prism Central`, cidr: `${address}/32` }]
        : []),
    ];
    const faults = inside.flatMap(({ what, block }) =>
      outside
        .filter(({ cidr }) => overlap(block, cidr))
        .map(
          ({ text }): Outcome =>
            fail(`${block}, the network of ${what}, overlaps ${text}`, `move clusterNetwork.${what}.cidrBlocks`),
        ),
    );
    if (faults.length > 0) return faults;
    return outside.length === 0
      ? []
      : [pass(`pods and services are apart from ${outside.map(({ text }) => text).join(", ")}`)];
  },
);

function overlap(one: string, other: string): boolean {
  if (!ipaddr.IPv4.isValidCIDR(one) || !ipaddr.IPv4.isValidCIDR(other)) return false;
  const [a, b] = [ipaddr.IPv4.parseCIDR(one), ipaddr.IPv4.parseCIDR(other)];
  return a[1] <= b[1] ? b[0].match(a) : a[0].match(b);
}
