/** The images that a group of machines may use, by name, by UUID, or by a lookup. */
import type { MachineGroup } from "../../manifests/machine-groups.ts";
import type { PrismInventory } from "../../prism-central/inventory.ts";
import type { Image } from "../../prism-central/prism-entities.ts";
import type { Cluster } from "../../schema/cluster.ts";
import { type CheckOutcome, fail, pass } from "../check.ts";
import { resolveIdentifier } from "./resolve-identifier.ts";

/** CAPX's default format of image names. */
const FORMAT = "capx-{{.BaseOS}}-{{.K8sVersion}}-*";

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
  const { text, pattern } = lookupPattern(imageLookup, machineVersion(group, cluster));
  const images = candidates.filter(({ name }) => pattern?.test(name) ?? false);
  if (images.length > 0) return { images, outcome: pass(`${images.length} images match; CAPX uses the newest`) };
  const remedy = "upload one that matches, or change imageLookup, which is a regular expression";
  return { images, outcome: fail(`no image matches ${text}`, remedy) };
}

/** The version of the Machine: k0smotron writes k0s's own on control planes, and our charts write Kubernetes' on workers. */
function machineVersion({ role }: MachineGroup, { k0s }: Cluster): string {
  return role === "controlPlane" ? k0s.version : k0s.version.replace(/\+k0s.*$/, "");
}

/** A regular expression once the two variables are replaced. */
function lookupPattern(
  lookup: { baseOS: string; format?: string | undefined },
  version: string,
): { text: string; pattern?: RegExp } {
  const text = (lookup.format ?? FORMAT)
    .replaceAll(/\{\{\s*\.BaseOS\s*\}\}/g, lookup.baseOS)
    .replaceAll(/\{\{\s*\.K8sVersion\s*\}\}/g, version.replace("v", ""));
  try {
    return { text, pattern: new RegExp(text) };
  } catch {
    return { text };
  }
}
