import ipaddr from "ipaddr.js";
import * as z from "zod";
import { PROFILE_NAME } from "../policy/rules/k0s-config-rules.ts";
import { at, canonical } from "../policy/rules/plain-values.ts";

/** An error message with reason and remedy. */
export function because(reason: string, remedy: string): string {
  return `${reason}; ${remedy}`;
}

/** Name of a Kubernetes object that is the start of other names: a lower-case label, 40 characters at most. */
export const objectName = z
  .string()
  .regex(
    /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/,
    because("is not a name", "use lower-case letters, digits and '-', a letter first, 40 characters at most"),
  )
  // Helm charts write names without quotes, and YAML then has none of these as a text.
  .refine((name) => !/^(y|n|yes|no|on|off|true|false|null)$/.test(name), {
    error: because("is a word with a meaning of its own in YAML", "use another name"),
  });

/** Name of a part of a cluster that is the end of other names: a lower-case label, 20 characters at most. */
export const partName = z
  .string()
  .regex(
    /^[a-z]([-a-z0-9]{0,18}[a-z0-9])?$/,
    because("is not a name", "use lower-case letters, digits and '-', a letter first, 20 characters at most"),
  );

/** Name of a worker profile of k0s, which is part of a ConfigMap's name. */
export const profileName = z
  .string()
  .regex(PROFILE_NAME, because("is not the name of a worker profile", "use lower-case letters, digits and '-'"));

/** Name of an object that exists elsewhere: a DNS subdomain, 253 characters at most. */
export const referencedName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    because("is not the name of a Kubernetes object", "use lower-case letters, digits, '-' and '.'"),
  );

const NO_QUANTITY = because("is not a quantity", 'use an integer and a unit, such as "4Gi"');
/** A quantity of memory or disk: an integer with a binary or decimal unit, such as `4Gi`. */
export const quantity = z.string({ error: NO_QUANTITY }).regex(/^[1-9][0-9]*(Ki|Mi|Gi|Ti|k|M|G|T)$/, NO_QUANTITY);

/** A port number from 1 to 65535. */
export const port = z
  .int({ error: because("is not a valid port", "use an integer from 1 to 65535") })
  .min(1, because("is not a valid port", "use an integer from 1 to 65535"))
  .max(65535, because("is not a valid port", "use an integer from 1 to 65535"));

/** Kubernetes' counts have 32 bits. */
const MAX_COUNT = 2 ** 31 - 1;

/** A count, 0 or more. */
export const count = z
  .int({ error: because("is not a count", "use an integer, 0 or more") })
  .min(0, because("is not a count", "use an integer, 0 or more"))
  .max(MAX_COUNT, because("is too large", `use ${MAX_COUNT} or less`));

/** A count, 1 or more. */
export const positive = z
  .int({ error: because("is not a count", "use an integer, 1 or more") })
  .min(1, because("is not a count", "use an integer, 1 or more"))
  .max(MAX_COUNT, because("is too large", `use ${MAX_COUNT} or less`));

/** A duration in seconds. */
export const seconds = z
  .int({ error: because("is not a duration in seconds", "use an integer, 1 or more") })
  .min(1, because("is not a duration in seconds", "use an integer, 1 or more"));

/** A DNS name or IP address, without scheme and port, which rules check. */
export const host = z
  .string()
  .min(1, because("is empty", "use a DNS name or an IP address"))
  .max(253, because("is longer than 253 characters", "use a DNS name or an IP address"))
  .refine((text) => !/^[^@/:\s]+\.$/.test(text), {
    error: because("ends in a dot, which CAPX does not accept", "remove the dot"),
  });

/** A DNS domain in lower case, without a final dot. */
export const domain = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/,
    because("is not a DNS domain", "use lower-case letters, digits, '-' and '.', such as cluster.local"),
  );

/** A list without an item twice, compared by `keyOf`; `name` is what the message calls one. */
export function unique<T extends z.ZodArray>(items: T, name: string, keyOf: (item: unknown) => string = canonical): T {
  const hasNoDuplicate = (list: readonly unknown[]) => new Set(list.map((item) => keyOf(item))).size === list.length;
  return items.refine((list) => hasNoDuplicate(list), { error: because(`has ${name} twice`, "set each once") });
}

/** The network of a valid CIDR block: `10.1.1.0/24` of `10.1.1.9/24`. */
function networkOf(cidr: string): string {
  return `${ipaddr.IPv4.networkAddressFromCIDR(cidr)}/${Number(cidr.split("/")[1])}`;
}

/** An IPv4 CIDR block; CAPX machines have no IPv6 addresses. */
export const cidr = z
  .string()
  .refine((text) => z.cidrv4().safeParse(text).success, {
    error: because("is not an IPv4 CIDR block", "use address/length, such as 10.243.0.0/16"),
  })
  .refine((text) => !z.cidrv4().safeParse(text).success || networkOf(text) === text, {
    error: ({ input }) => because("has bits set after its length", `use ${networkOf(String(input))}`),
  })
  .meta({ pattern: "^([0-9]{1,3}\\.){3}[0-9]{1,3}/([0-9]|[12][0-9]|3[0-2])$" });

const NO_VERSION = because("is not a version", 'use a full version, such as "1.2.0"');
/** A version with or without a leading `v`. */
export const version = z
  .string({ error: NO_VERSION })
  .regex(/^v?(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/, NO_VERSION);

/** Helm values, or a k0s configuration. */
export const plainData = z.record(z.string(), z.json());

const KEY =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const AT_MOST = "use 63 letters, digits, '-', '_' and '.' at most";

const objectKey = (name: string) =>
  z
    .string()
    .regex(KEY, because(`is not a valid ${name} key`, "use name or domain/name"))
    .refine((key) => key.indexOf("/") <= 253, {
      error: because("has a domain of more than 253 letters", "shorten it"),
    });
const labelKey = objectKey("label");
const labelValue = z.string().regex(VALUE, because("is not a valid label value", AT_MOST));
const FOREIGN = /^(.*\.)?(k0rdent\.mirantis\.com|cluster\.x-k8s\.io|toolkit\.fluxcd\.io|k0rdent-nutanix)\//;
const KUBERNETES = /^(.*\.)?(kubernetes|k8s)\.io\//;
/** Labels of Kubernetes' domains that a kubelet may have from its user, or that Cluster API copies from a Machine. */
const OF_NODES =
  /^(.*\.)?(kubelet|node|node-restriction)\.kubernetes\.io\/|^node-role\.kubernetes\.io\/|^topology\.kubernetes\.io\/(zone|region)$/;

/** Labels of a Kubernetes object of ours, which kcm, Flux and Cluster API label too. */
export const labels = z.record(
  labelKey.refine((key) => !FOREIGN.test(key), {
    error: because("is a label of a controller", "use a domain of your own"),
  }),
  labelValue,
);

/** Labels of a node, from its kubelet or its Machine. */
export const nodeLabels = z.record(
  labelKey.refine((key) => !KUBERNETES.test(key) || OF_NODES.test(key), {
    error: because("is in a domain that the kubelet reserves", "use a domain of your own, or node-role.kubernetes.io"),
  }),
  labelValue,
);

const taint = z.strictObject({
  key: objectKey("taint"),
  value: z.string().regex(VALUE, because("is not a valid taint value", AT_MOST)).optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});

/** Taints of a node. Kubernetes tells them apart by key and effect. */
export const taints = unique(z.array(taint), "a key with one effect", (item) =>
  canonical([at(item, "key"), at(item, "effect")]),
);

/** A text that Nutanix compares as it is. */
export const trimmed = (text: z.ZodString) =>
  text.regex(/^(\S(.*\S)?)?$/s, because("starts or ends with a blank", "remove the blank"));

/** A name as Prism Central shows it. */
export const shownName = trimmed(z.string().min(1, because("is empty", "use the name shown in Prism Central")));

/** A Nutanix object by name or by UUID: `{type: name, name: …}` or `{type: uuid, uuid: …}`. */
export const identifier = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: z.literal("name"),
      name: shownName,
    }),
    z.strictObject({
      type: z.literal("uuid"),
      uuid: z.guid({
        error: because("is not a UUID", "use the UUID shown in Prism Central, or type: name"),
      }),
    }),
  ],
  {
    error: ({ input }) =>
      because(
        input === undefined ? "is missing" : "has neither type: name nor type: uuid",
        "use {type: name, name: …} or {type: uuid, uuid: …}",
      ),
  },
);
export type Identifier = z.infer<typeof identifier>;
