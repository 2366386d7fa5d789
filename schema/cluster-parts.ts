/** Parts of a cluster that may be left out: who logs in to its machines, how they reach the world, what is put into it. */
import * as z from "zod";
import { DEFAULT_CCM_VERSION, DEFAULT_CSI_VERSION } from "../policy/rules/versions.ts";
import { because, cidr, version } from "./primitives.ts";

const KEY_TYPES =
  "(ssh-(rsa|ed25519)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\\.com)";

export const ssh = z.strictObject({
  user: z
    .string()
    .regex(
      /^[a-z_][a-z0-9_-]{0,31}$/,
      because("is not the name of a Linux user", "write lower-case letters, digits, '-' and '_', 32 at most"),
    )
    .refine((user) => user !== "root", {
      error: because("is the superuser, whom images let in by no key", "name a user; sudo makes him more"),
    })
    .describe("user that is made where the image has none of that name, with the right to use sudo"),
  publicKeys: z
    .array(
      z
        .string()
        .regex(
          new RegExp(`^${KEY_TYPES} [A-Za-z0-9+/]{40,}={0,3}( [^\\n\\r{}]*)?$`),
          because("is not a public key of OpenSSH", "copy the one line of a .pub file, such as ssh-ed25519 AAAA… name"),
        ),
    )
    .min(1, because("is empty", "write one public key or more"))
    .describe("public keys that the user is let in by, a line each"),
});
export type Ssh = z.infer<typeof ssh>;

const NO_URL = because(
  "is not the address of an HTTP proxy",
  "write it as http://host:port, without a user: the address is written in clear onto every machine",
);

const proxyUrl = z
  .string({ error: NO_URL })
  .regex(/^https?:\/\/[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?\/?$/, NO_URL);

export const proxy = z.strictObject({
  http: proxyUrl.optional().describe("proxy of requests without TLS; default: none"),
  https: proxyUrl.optional().describe("proxy of requests with TLS; default: none"),
  noProxy: z
    .array(
      z
        .string()
        .regex(
          /^[A-Za-z0-9.*:_/-]+$/,
          because("is neither host nor range of addresses", "write a host, a domain with a dot before it, or a range"),
        ),
    )
    .optional()
    .describe(
      "what is reached without it, such as the node subnet; beside the cluster's own networks, its endpoint and Prism Central",
    ),
});
export type Proxy = z.infer<typeof proxy>;

const repository = z
  .string()
  .regex(
    /^(https|oci):\/\/[^\s@]+$/,
    because("is no place that charts come from safely", "write https://… or oci://…, without a login"),
  );

const addressRange = z.union([cidr, z.ipv4()], {
  error: because("is neither an IPv4 address nor a range of them", "write 10.1.1.10 or 10.1.1.0/28"),
});

const ccm = z.strictObject({
  enabled: z.boolean().describe("install Nutanix's cloud controller manager, which the nodes then wait for"),
  version: version.default(DEFAULT_CCM_VERSION).describe("version of its chart nutanix-cloud-provider"),
  repository: repository.default("https://nutanix.github.io/helm/").describe("where the chart comes from"),
  ignoredNodeIPs: z
    .array(addressRange)
    .optional()
    .describe("addresses that are no node's own, such as those of load balancers; the endpoint's is among them"),
});

const csi = z.strictObject({
  enabled: z.boolean().describe("install Nutanix's CSI driver"),
  version: version.default(DEFAULT_CSI_VERSION).describe("version of its chart nutanix-csi-storage, 3.0 or later"),
  repository: repository.default("https://nutanix.github.io/helm-releases/").describe("where the chart comes from"),
  storageContainer: z
    .string()
    .min(1, because("is empty", "write the container's name, or leave it out"))
    .optional()
    .describe("storage container of a default StorageClass `nutanix-volume`; default: no StorageClass is made"),
});

export const addons = z.strictObject({
  ccm: ccm.optional(),
  csi: csi.optional(),
});
export type Addons = z.infer<typeof addons>;
