/** Will the machines have an image, and does it fit? */
import { type MachineGroup, machineGroups } from "../../../manifests/machine-groups.ts";
import { bytes } from "../../../policy/rules/plain-values.ts";
import type { Image, Inventory } from "../../../prism-central/inventory.ts";
import type { ClusterCheckContext } from "../../check.ts";
import { imagesOf } from "../find-images.ts";
import { told } from "../machine-groups.ts";
import { clusterCheck, fail, type Outcome, pass, unknown } from "./cluster-check.ts";

const GIB = 2 ** 30;

export const imageExists = clusterCheck(
  {
    id: "image-exists",
    asks: "is there exactly one image of each name or UUID, or one of the form that is looked up?",
  },
  async ({ cluster }, inventory) => {
    const all = await inventory();
    return Promise.all(
      machineGroups(cluster).map(async (group): Promise<Outcome> => {
        const { images, found, remedy } = await imagesOf(group, cluster, all);
        if (images === undefined) return fail(found, remedy);
        const { image } = group.machine;
        if (image !== undefined) return pass(`image ${told(image, images[0])}`);
        return pass(`${images.length} images have the form, of which CAPX takes the newest`);
      }),
    );
  },
);

export const imageIsNotBeingDeleted = clusterCheck(
  { id: "image-is-not-being-deleted", asks: "is no image of the cluster marked for deletion?" },
  async (context, inventory) => {
    const all = await inventory();
    const deleted = await all.imagesBeingDeleted();
    return eachImage(context, all, ({ name, uuid }) =>
      deleted.has(uuid)
        ? fail(`the image "${name}" (${uuid}) is being deleted`, "name another, or upload it again")
        : pass(`"${name}" stays`),
    );
  },
);

export const imageFitsTheDisk = clusterCheck(
  { id: "image-fits-the-disk", asks: "is each image no larger than the system disk that it is put on?" },
  async (context, inventory) =>
    eachImage(context, await inventory(), ({ name, bytes: size }, { at, machine }) => {
      const disk = bytes(machine.systemDiskSize) ?? 0;
      if (size === undefined) return unknown(`Prism Central does not tell the size of "${name}"`);
      return size <= disk
        ? pass(`"${name}" has ${gib(size)} of ${machine.systemDiskSize}`)
        : fail(
            `the image "${name}" has ${gib(size)}, and the disk that it is put on ${machine.systemDiskSize}`,
            `set clusters.${context.name}.${at}.systemDiskSize to ${Math.ceil(size / GIB)}Gi or more`,
          );
    }),
);

async function eachImage(
  { cluster }: ClusterCheckContext,
  inventory: Inventory,
  ask: (image: Image, group: MachineGroup) => Outcome,
): Promise<Outcome[]> {
  const outcomes = machineGroups(cluster).map(async (group) => {
    const { images = [] } = await imagesOf(group, cluster, inventory);
    return images.map((image) => ask(image, group));
  });
  return (await Promise.all(outcomes)).flat();
}

/** Rounded up, so that what does not fit never looks as if it did. */
function gib(size: number): string {
  return `${Math.ceil((size / GIB) * 10) / 10} GiB`;
}
