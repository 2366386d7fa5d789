/** Do the machines have an image, and does it fit? */
import { type MachineGroup, machineGroups } from "../../../manifests/machine-groups.ts";
import { bytes } from "../../../policy/rules/plain-values.ts";
import type { Image } from "../../../prism-central/prism-entities.ts";
import { type Check, type CheckOutcome, type ClusterCheckContext, fail, inconclusive, pass } from "../../check.ts";
import { imagesOf } from "../find-images.ts";

const GIB = 2 ** 30;

export const IMAGE_CHECKS: readonly Check[] = [
  {
    id: "image-exists",
    description: "exactly one image has each name or UUID, or at least one matches the lookup",
    scope: "cluster",
    run: ({ cluster, inventory }) =>
      Promise.all(machineGroups(cluster).map(async (group) => (await imagesOf(group, cluster, inventory)).outcome)),
  },
  {
    id: "image-is-not-being-deleted",
    description: "no image of the cluster is being deleted",
    scope: "cluster",
    run: async (context) => {
      const deleted = await context.inventory.imagesBeingDeleted();
      return forEachImage(context, ({ name, uuid }) =>
        deleted.has(uuid)
          ? fail(`the image "${name}" (${uuid}) is being deleted`, "set another, or upload it again")
          : pass(`"${name}" is not being deleted`),
      );
    },
  },
  {
    id: "image-fits-the-disk",
    description: "each image fits on the system disk of its machines",
    scope: "cluster",
    run: (context) =>
      forEachImage(context, ({ name, bytes: size }, { at, machine }) => {
        if (size === undefined) return inconclusive(`Prism Central does not report the size of "${name}"`);
        const sizes = `"${name}" has ${gib(size)}, its disk ${machine.systemDiskSize}`;
        if (size <= (bytes(machine.systemDiskSize) ?? 0)) return pass(sizes);
        const remedy = `set clusters.${context.name}.${at}.systemDiskSize to ${Math.ceil(size / GIB)}Gi or more`;
        return fail(`the image ${sizes}`, remedy);
      }),
  },
];

async function forEachImage(
  { cluster, inventory }: ClusterCheckContext,
  check: (image: Image, group: MachineGroup) => CheckOutcome,
): Promise<CheckOutcome[]> {
  const outcomes = machineGroups(cluster).map(async (group) =>
    (await imagesOf(group, cluster, inventory)).images.map((image) => check(image, group)),
  );
  return (await Promise.all(outcomes)).flat();
}

/** Rounded up, so that what does not fit never looks as if it did. */
function gib(size: number): string {
  return `${Math.ceil((size / GIB) * 10) / 10} GiB`;
}
