import * as z from "zod";
import { because, version } from "./primitives.ts";

/** How CAPX comes into the management cluster. */
export const capx = z.strictObject({
  version: version.optional().describe("CAPX version; default: the one that goes with the kcm version"),
  chartRepository: z
    .string()
    .regex(
      /^oci:\/\/[^\s]+$/,
      because(
        "is no OCI registry",
        "write oci://registry/path, or leave it out to serve the charts from inside the management cluster",
      ),
    )
    .optional()
    .describe("OCI registry with this project's charts; default: they are served from inside the management cluster"),
  chart: z
    .string()
    .regex(
      /^(oci:\/\/[^\s@]+|\.{0,2}\/[^\s]+)$/,
      because(
        "is no place of a chart",
        "write oci://registry/path, or the path of a folder with / in it; or leave it out",
      ),
    )
    .optional()
    .describe(
      "another chart in place of this project's nutanix-capx, such as oci://ghcr.io/k0rdent-oot/oot/charts/nutanix-capx; default: this project's",
    ),
  chartVersion: version.optional().describe("version of that other chart; default: its newest"),
  takeOwnership: z
    .boolean()
    .default(false)
    .describe("let the Helm release take over its objects where they are there already"),
  managedExternally: z
    .boolean()
    .default(false)
    .describe("the provider and its templates are there already, from another stack"),
});
export type Capx = z.infer<typeof capx>;
