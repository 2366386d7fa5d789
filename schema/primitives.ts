import * as z from "zod";

/** A message in the two halves that every error has: why the value cannot be read, and what to write instead. */
export function because(reason: string, remedy: string): string {
  return `${reason}; ${remedy}`;
}

/** Name of a Kubernetes object that other names are made of: a lower-case label, 40 characters at most. */
export const objectName = z
  .string()
  .regex(
    /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/,
    because("is not a name", "write lower-case letters, digits and '-', a letter first, 40 characters at most"),
  );

/** Name of a part of a cluster, which becomes the end of other names: a lower-case label, 20 characters at most. */
export const partName = z
  .string()
  .regex(
    /^[a-z]([-a-z0-9]{0,18}[a-z0-9])?$/,
    because("is not a name", "write lower-case letters, digits and '-', a letter first, 20 characters at most"),
  );

/** Name of an object that exists elsewhere: a DNS subdomain, 253 characters at most. */
export const referencedName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
    because("is not the name of a Kubernetes object", "write lower-case letters, digits, '-' and '.'"),
  );

const NO_AMOUNT = because("is not an amount", 'write a whole number and a unit, such as "4Gi"');
/** An amount of memory or disk: a whole number with a binary or decimal unit, such as `4Gi`. */
export const quantity = z.string({ error: NO_AMOUNT }).regex(/^[1-9][0-9]*(Ki|Mi|Gi|Ti|k|M|G|T)$/, NO_AMOUNT);

/** A port number. Unit: none; 1 to 65535. */
export const port = z
  .int({ error: because("is not a valid port", "use an integer from 1 to 65535") })
  .min(1, because("is not a valid port", "use an integer from 1 to 65535"))
  .max(65535, because("is not a valid port", "use an integer from 1 to 65535"));

/** A count of things, zero allowed. */
export const count = z
  .int({ error: because("is not a count", "write a whole number, 0 or more") })
  .min(0, because("is not a count", "write a whole number, 0 or more"));

/** A count of things of which there is at least one. */
export const positive = z
  .int({ error: because("is not a count", "write a whole number, 1 or more") })
  .min(1, because("is not a count", "write a whole number, 1 or more"));

/** A whole number of seconds. */
export const seconds = z
  .int({ error: because("is not a number of seconds", "write a whole number of seconds, 1 or more") })
  .min(1, because("is not a number of seconds", "write a whole number of seconds, 1 or more"));

/** A host by name or address, without scheme or port; whether machines can reach it is a rule's question. */
export const host = z
  .string()
  .min(1, because("is empty", "write a DNS name or an IP address"))
  .max(256, because("is longer than the 256 characters that CAPX takes", "write a DNS name or an IP address"));

/** A range of IPv4 addresses, such as `10.243.0.0/16`; CAPX's machines have no IPv6 addresses to route to. */
export const cidr = z.string().refine((text) => z.cidrv4().safeParse(text).success, {
  error: because("is not a range of IPv4 addresses", "write it as address/length, such as 10.243.0.0/16"),
});

const NO_VERSION = because("is not a version", 'write it in full, such as "1.2.0"');
/** A version of one of the parts: `1.2.0`, with or without a leading `v`. */
export const version = z.string({ error: NO_VERSION }).regex(/^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, NO_VERSION);

/** Plain data for a chart: Helm values, a k0s configuration. */
export const plainData = z.record(z.string(), z.json());

const KEY = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const AT_MOST = "write 63 letters, digits, '-', '_' and '.' at most";

/** Labels of a Kubernetes object. */
export const labels = z.record(
  z.string().regex(KEY, because("is not a label's key", "write it as name or as domain/name")),
  z.string().regex(VALUE, because("is not a label's value", AT_MOST)),
);

/** A taint of a node. */
export const taint = z.strictObject({
  key: z.string().regex(KEY, because("is not a taint's key", "write it as name or as domain/name")),
  value: z.string().regex(VALUE, because("is not a taint's value", AT_MOST)).optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});

/** A Nutanix object by name or by UUID: `{type: name, name: …}` or `{type: uuid, uuid: …}`. */
export const identifier = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: z.literal("name"),
      name: z.string().min(1, because("is empty", "write the name that Prism Central shows")),
    }),
    z.strictObject({
      type: z.literal("uuid"),
      uuid: z.guid({
        error: because("is not a UUID", "copy the 36 characters that Prism Central shows, or use type: name"),
      }),
    }),
  ],
  {
    error: ({ input }) =>
      because(
        input === undefined ? "is missing" : "says neither name nor uuid",
        "write {type: name, name: …} or {type: uuid, uuid: …}",
      ),
  },
);
export type Identifier = z.infer<typeof identifier>;
