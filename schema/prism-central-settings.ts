import * as z from "zod";
import { because, host, port } from "./primitives.ts";

/** CA certificates to verify Prism Central with: inline PEM, or a file. */
export const trustBundle = z.union(
  [
    z.strictObject({ pem: z.string().min(1).describe("PEM text of one or more CA certificates") }),
    z.strictObject({ file: z.string().min(1).describe("path of a PEM file, relative to the project's folder") }),
  ],
  { error: because("is not a trust bundle", "set {file: path} or {pem: text}") },
);
export type TrustBundleSource = z.infer<typeof trustBundle>;

/** How a Prism Central is reached. */
export const prismCentralConnection = {
  address: host.describe("DNS name or IP address of Prism Central, without scheme and port"),
  port: port.default(9440).describe("port of Prism Central"),
  insecure: z
    .boolean()
    .default(false)
    .describe("disable verification of Prism Central's certificate; a policy forbids it outside dev"),
};

/** The Prism Central of the global credentials, which CAPX and clusters without one of their own use. */
export const prismCentral = z.strictObject({
  ...prismCentralConnection,
  trustBundle: trustBundle
    .optional()
    .describe("CA certificates of Prism Central, if no public CA signed its certificate"),
});
export type PrismCentral = z.infer<typeof prismCentral>;
export type PrismCentralInput = z.input<typeof prismCentral>;
