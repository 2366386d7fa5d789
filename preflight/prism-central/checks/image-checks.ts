/** Do the machines have an image, and does it fit? */

import type * as z from "zod";
import { type MachineGroup, machineGroups } from "../../../manifests/machine-groups.ts";
import { bytes } from "../../../policy/rules/plain-values.ts";
import type { PrismInventory } from "../../../prism-central/inventory.ts";
import type { Image } from "../../../prism-central/prism-entities.ts";
import type { Cluster } from "../../../schema/cluster.ts";
import type { imageLookup } from "../../../schema/machine.ts";
import { type Check, type CheckOutcome, type ClusterCheckContext, fail, inconclusive, pass } from "../../check.ts";
import { resolveIdentifier } from "../resolve-identifier.ts";

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

/** CAPX's default format of image names. */
const FORMAT = "capx-{{.BaseOS}}-{{.K8sVersion}}-*";

type ImageLookup = z.infer<typeof imageLookup>;

interface FoundImages {
  readonly images: readonly Image[];
  readonly outcome: CheckOutcome;
}

/** One image, or for a lookup all that match, of which CAPX uses the newest. */
async function imagesOf(group: MachineGroup, cluster: Cluster, inventory: PrismInventory): Promise<FoundImages> {
  const candidates = await inventory.images();
  const { image: identifier, imageLookup } = group.machine;
  if (imageLookup === undefined) {
    if (identifier === undefined) return { images: [], outcome: fail("no image is set", "set image or imageLookup") };
    const { one, outcome } = resolveIdentifier({ what: "image", identifier, candidates, ignoreCase: true });
    return { images: one === undefined ? [] : [one], outcome };
  }
  const pattern = imageNamePattern(imageLookup, cluster.k0s.version);
  const images = candidates.filter(({ name }) => pattern.test(name));
  if (images.length > 0) return { images, outcome: pass(`${images.length} images match; CAPX uses the newest`) };
  const remedy = "upload one that matches, or change imageLookup, which is a regular expression";
  return { images, outcome: fail(`no image matches ${pattern.source}`, remedy) };
}

/**
 * What CAPX looks for by the format that the cluster charts write: the charts turn `{{.K8sVersion}}` into an expression that is
 * the Kubernetes version for each spelling that a Machine has.
 */
export function imageNamePattern({ baseOS, format = FORMAT }: ImageLookup, k0sVersion: string): RegExp {
  const version = k0sVersion.replace(/^v|\+k0s.*$/g, "").replaceAll(".", "\\.");
  const text = format
    .replaceAll(/\{\{\s*\.K8sVersion\s*\}\}(?=\w)/g, version)
    .replaceAll(/\{\{\s*\.K8sVersion\s*\}\}/g, `${version}\\b`)
    .replaceAll(/\{\{\s*\.BaseOS\s*\}\}/g, baseOS);
  return new RegExp(text);
}
