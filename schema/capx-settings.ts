import * as z from "zod";
import { because, version } from "./primitives.ts";

/** CAPX in the management cluster. */
export const capx = z.strictObject({
  version: version.optional().describe("CAPX version; default: the one for the kcm version"),
  chartRepository: z
    .string()
    .regex(
      /^oci:\/\/[^\s]+$/,
      because(
        "is not an OCI registry",
        "use oci://registry/path, or remove it to serve the charts from the management cluster",
      ),
    )
    .optional()
    .describe("OCI registry with this project's charts; default: served from the management cluster"),
  chart: z
    .string()
    .regex(
      /^(oci:\/\/[^\s@]+|\.{0,2}\/[^\s]+)$/,
      because("is not the address of a chart", "use oci://registry/path, or a folder path with a /; or remove it"),
    )
    .optional()
    .describe(
      "another chart instead of this project's nutanix-capx, such as oci://ghcr.io/k0rdent-oot/oot/charts/nutanix-capx; default: this project's",
    ),
  chartVersion: version.optional().describe("version of that chart; default: the newest"),
  takeOwnership: z.boolean().default(false).describe("let the Helm release take ownership of existing objects"),
  managedExternally: z.boolean().default(false).describe("another stack manages the provider and its templates"),
});
export type CapxInput = z.input<typeof capx>;
