/** The images that a group of machines may use, by name, by UUID, or by a lookup. */
import type * as z from "zod";
import type { MachineGroup } from "../../manifests/machine-groups.ts";
import type { PrismInventory } from "../../prism-central/inventory.ts";
import type { Image } from "../../prism-central/prism-entities.ts";
import type { Cluster } from "../../schema/cluster.ts";
import type { imageLookup } from "../../schema/machine.ts";
import { type CheckOutcome, fail, pass } from "../check.ts";
import { resolveIdentifier } from "./resolve-identifier.ts";

/** CAPX's default format of image names. */
const FORMAT = "capx-{{.BaseOS}}-{{.K8sVersion}}-*";

type ImageLookup = z.infer<typeof imageLookup>;

export interface FoundImages {
  readonly images: readonly Image[];
  readonly outcome: CheckOutcome;
}

/** One image, or for a lookup all that match, of which CAPX uses the newest. */
export async function imagesOf(group: MachineGroup, cluster: Cluster, inventory: PrismInventory): Promise<FoundImages> {
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
