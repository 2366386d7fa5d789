/** The images that a group of machines could be made of, by name, by UUID, or by the form of the name. */
import type { MachineGroup } from "../../manifests/machine-groups.ts";
import type { Image, Inventory } from "../../prism-central/inventory.ts";
import type { Cluster } from "../../schema/cluster.ts";
import { resolved } from "./resolve.ts";

/** CAPX's own form of names. */
const FORMAT = "capx-{{.BaseOS}}-{{.K8sVersion}}-*";

export type FoundImages =
  | { readonly images: readonly [Image, ...Image[]]; readonly found?: undefined; readonly remedy?: undefined }
  | { readonly images?: undefined; readonly found: string; readonly remedy: string };

/** One image, or for a lookup all whose names have the form, of which CAPX takes the newest. */
export async function imagesOf(group: MachineGroup, cluster: Cluster, inventory: Inventory): Promise<FoundImages> {
  const images = await inventory.images();
  const { image: identifier, imageLookup } = group.machine;
  if (imageLookup === undefined) {
    if (identifier === undefined) return { found: "no image is named", remedy: "write image or imageLookup" };
    const one = resolved({ what: "image", identifier, among: images, anyCase: true });
    return one.one === undefined ? { found: one.found, remedy: one.remedy } : { images: [one.one] };
  }
  const form = formOf(imageLookup, machineVersion(group, cluster));
  const [first, ...more] = images.filter(({ name }) => form.pattern?.test(name) ?? false);
  if (first !== undefined) return { images: [first, ...more] };
  return {
    found: `there is no image whose name has the form ${form.text}`,
    remedy: "upload one that has, or change imageLookup, whose form is read as a regular expression",
  };
}

/** The version that CAPX finds on the Machine: k0smotron writes k0s's own on control planes, and our charts Kubernetes' on workers. */
function machineVersion({ role }: MachineGroup, { k0s }: Cluster): string {
  return role === "controlPlane" ? k0s.version : k0s.version.replace(/\+k0s.*$/, "");
}

/** The names that are looked for: a regular expression once the two words are put in. */
function formOf(
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
