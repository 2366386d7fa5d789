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
  takeOwnership: z
    .boolean()
    .default(false)
    .describe("let the Helm release take over its objects where they are there already"),
  installed: z
    .boolean()
    .default(false)
    .describe("the provider and its templates are there already, from another stack"),
});
export type Capx = z.infer<typeof capx>;
