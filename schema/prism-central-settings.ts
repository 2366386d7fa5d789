import * as z from "zod";
import { because, host, port } from "./primitives.ts";

/** Certificates that Prism Central's own certificate is checked against: PEM text in place, or a file beside the stack file. */
export const trustBundle = z.union(
  [
    z.strictObject({ pem: z.string().min(1).describe("PEM text of one or more CA certificates") }),
    z.strictObject({ file: z.string().min(1).describe("path of a PEM file, relative to the project's folder") }),
  ],
  { error: because("is not a trust bundle", "write {file: path} or {pem: text}, one of the two") },
);
export type TrustBundleSource = z.infer<typeof trustBundle>;

/** The Prism Central of global credentials: CAPX is installed with it, and clusters that name none of their own use it. */
export const prismCentral = z.strictObject({
  address: host.describe("DNS name or IP address of Prism Central, without scheme and port"),
  port: port.default(9440).describe("port of Prism Central"),
  insecure: z
    .boolean()
    .default(false)
    .describe("skip the check of Prism Central's certificate; refused by a rule outside dev"),
  trustBundle: trustBundle
    .optional()
    .describe("CA certificates of Prism Central, where no public CA signed its certificate"),
});
export type PrismCentral = z.infer<typeof prismCentral>;
export type PrismCentralInput = z.input<typeof prismCentral>;
