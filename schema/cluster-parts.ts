/** Optional parts of a cluster: SSH access, proxy, addons. */
import * as z from "zod";
import { isHost } from "../policy/rules/endpoint-rules.ts";
import { DEFAULT_CCM, DEFAULT_CSI } from "../policy/rules/versions.ts";
import { because, cidr, shownName, version } from "./primitives.ts";

const KEY_TYPES =
  "(ssh-(rsa|ed25519)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\\.com)";

/** A key begins with the length and the text of its type. */
function hasItsType(line: string): boolean {
  const [type = "", key = ""] = line.split(" ");
  const start = Buffer.concat([Buffer.from([0, 0, 0, type.length]), Buffer.from(type)]);
  return Buffer.from(key, "base64").subarray(0, start.length).equals(start);
}

export const ssh = z.strictObject({
  user: z
    .string()
    .regex(
      /^[a-z_][a-z0-9_-]{0,31}$/,
      because("is not the name of a Linux user", "use lower-case letters, digits, '-' and '_', 32 at most"),
    )
    .refine((user) => user !== "root", {
      error: because("is the superuser, and images allow no login of root by key", "use another user, who gets sudo"),
    })
    .describe("user, created with sudo if the image lacks it"),
  publicKeys: z
    .array(
      z
        .string()
        .regex(new RegExp(`^${KEY_TYPES} [A-Za-z0-9+/]{40,}={0,3}( [^\\n\\r{}]*)?$`), {
          error: because("is not an OpenSSH public key", "use the line of a .pub file, such as ssh-ed25519 AAAA… name"),
          abort: true,
        })
        .refine(hasItsType, {
          error: because("is a key of another type than its first word", "use the line of a .pub file as it is"),
        }),
    )
    .min(1, because("is empty", "add a public key"))
    .describe("public keys of the user, one line each"),
});

const NO_URL = because(
  "is not the URL of an HTTP proxy",
  "use http://host:port, without a user: every machine has the URL in plain text",
);

const proxyUrl = z
  .string({ error: NO_URL })
  .regex(
    /^https?:\/\/[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3}))?\/?$/,
    { error: NO_URL, abort: true },
  )
  .refine((url) => isHost(url.replace(/^https?:\/\/|(:\d+)?\/?$/g, "")), { error: NO_URL });

/** A part of NO_PROXY: what looks like an address or a block is one. */
function isDestination(text: string): boolean {
  if (text.includes("/")) return z.cidrv4().safeParse(text).success || z.cidrv6().safeParse(text).success;
  return !/^[\d.]+(:\d+)?$/.test(text) || z.ipv4().safeParse(text.replace(/:\d+$/, "")).success;
}

const NO_DESTINATION = because(
  "is neither a host nor a CIDR block",
  "use a host, a domain with a leading dot, or a CIDR block",
);

export const proxy = z.strictObject({
  http: proxyUrl.optional().describe("proxy for HTTP; default: none"),
  https: proxyUrl.optional().describe("proxy for HTTPS; default: none"),
  noProxy: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9.*:_/-]+$/, { error: NO_DESTINATION, abort: true })
        .refine(isDestination, { error: NO_DESTINATION }),
    )
    .optional()
    .describe(
      "destinations without proxy, such as the node subnet; in addition to the cluster's networks, its endpoint and Prism Central",
    ),
});
export type Proxy = z.infer<typeof proxy>;

const repository = z
  .string()
  .regex(
    /^(https|oci):\/\/[^\s@]+$/,
    because("is not a secure chart repository", "use https://… or oci://…, without credentials"),
  );

const addressRange = z.union([cidr, z.ipv4()], {
  error: because("is neither an IPv4 address nor a CIDR block", "use 10.1.1.10 or 10.1.1.0/28"),
});

const via = z
  .enum(["k0s", "service"])
  .default("k0s")
  .describe("who installs the chart: k0s itself, or kcm as a service; the nodes wait for ccm in both cases");

const ccm = z.strictObject({
  via,
  enabled: z.boolean().describe("install Nutanix's cloud controller manager, which nodes then wait for"),
  version: version.default(DEFAULT_CCM.version).describe("version of the chart nutanix-cloud-provider"),
  repository: repository.default(DEFAULT_CCM.repository).describe("repository of the chart"),
  ignoredNodeIPs: z
    .array(addressRange)
    .optional()
    .describe("addresses that are not node addresses, such as those of load balancers; the endpoint is included"),
});

const csi = z.strictObject({
  via,
  enabled: z.boolean().describe("install Nutanix's CSI driver"),
  version: version
    .refine((text) => !/^v?[012]\./.test(text), {
      error: because("is older than 3.0, whose chart takes other values", "use 3.0 or later"),
    })
    .default(DEFAULT_CSI.version)
    .describe("version of the chart nutanix-csi-storage, 3.0 or later"),
  repository: repository.default(DEFAULT_CSI.repository).describe("repository of the chart"),
  storageContainer: shownName
    .optional()
    .describe("storage container of a default StorageClass `nutanix-volume`; default: no StorageClass"),
});

export const addons = z.strictObject({
  ccm: ccm.optional(),
  csi: csi.optional(),
});
