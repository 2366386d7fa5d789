import * as z from "zod";
import { capx } from "./capx-settings.ts";
import { cluster } from "./cluster.ts";
import { management } from "./management-settings.ts";
import { date, networks, policy } from "./policy-settings.ts";
import { preflight } from "./preflight-settings.ts";
import { because, objectName, positive, trimmed } from "./primitives.ts";
import { prismCentral } from "./prism-central-settings.ts";
import { multiClusterServices, serviceTemplates } from "./services.ts";

/** Environments, the one with the weakest policies first. */
export const ENVIRONMENTS = ["dev", "staging", "production"] as const;
export const environment = z.enum(ENVIRONMENTS);

/** A whole stack file, without its secrets. */
export const stack = z.strictObject({
  environment: environment
    .default("production")
    .describe("environment of the stack; outside dev clusters are protected and some policies are stricter"),
  management,
  capx: capx.default({ takeOwnership: false, managedExternally: false }).describe("CAPX in the management cluster"),
  prismCentral: prismCentral.describe("Prism Central of the global credentials"),
  preflight: preflight.default(preflight.parse({})),
  clusters: z
    .record(objectName, cluster)
    .default({})
    .describe("clusters by name; or one file each in clusters/<stack>/"),
  serviceTemplates: serviceTemplates.default({}).describe("charts of services, by name"),
  multiClusterServices: multiClusterServices
    .default({})
    .describe("services of every cluster with some labels, by name, which is unique in the management cluster"),
  networks: networks
    .default({})
    .describe("node networks, by the name or UUID of the subnet: endpoints must be outside their pools"),
  peerStacks: z
    .array(z.string().min(1, because("is empty", "set the name of a stack, as in pulumi stack ls")))
    .default([])
    .describe("other stacks of this program, whose endpoints no cluster of this one may use"),
  policy: policy.default({}).describe("settings of policies by name; default: none"),
});
export type Stack = z.infer<typeof stack>;
export type StackInput = z.input<typeof stack>;

const NO_PASSWORD = because(
  "is not a password",
  "set it with pulumi config set --secret --path 'credentials.<name>.password'",
);

/** A password that the stack generates. */
export const generate = z
  .strictObject({
    revision: positive.describe("revision of the password, from 1; increment it to rotate"),
    length: z
      .int({ error: because("is not a length", "use an integer from 16 to 128") })
      .min(16, because("is too short", "use 16 or more"))
      .max(128, because("is too long", "use 128 or less"))
      .default(32)
      .describe("length in characters"),
  })
  .describe("generates the password; default: none");
export type Generate = z.infer<typeof generate>;

/** The sources of a credential's password. */
function passwordsOf(value: unknown): { given: boolean; made: boolean } {
  const has = (key: string) => typeof value === "object" && value !== null && Object.hasOwn(value, key);
  return { given: has("password"), made: has("generate") };
}

/** A login to one Prism Central. */
export const credential = z
  .strictObject({
    username: trimmed(
      z
        .string({ error: because("is not a user name", "set the name of a Prism Central user") })
        .min(1, because("is empty", "set the name of a Prism Central user"))
        // HTTP basic authentication, and the Secret of the CSI driver, end a user name at a colon.
        .refine((name) => !/[:\p{Cc}]/u.test(name), {
          error: because("has a colon or a control character", "set the name of a Prism Central user"),
        }),
    ).describe("Prism Central user"),
    password: z
      .string({ error: NO_PASSWORD })
      .min(1, because("is empty", "set it with pulumi config set --secret --path 'credentials.<name>.password'"))
      .optional()
      .describe("its password, a secret; either this or generate"),
    generate: generate.optional(),
    rotated: date.optional().describe("date of the last password change; default: unknown"),
  })
  // `when`: also if other keys are invalid.
  .refine(
    (value) => {
      const { given, made } = passwordsOf(value);
      return given || made;
    },
    { path: ["password"], error: NO_PASSWORD, when: () => true },
  )
  .refine(
    (value) => {
      const { given, made } = passwordsOf(value);
      return !(given && made);
    },
    { path: ["generate"], error: because("conflicts with password", "remove one of the two"), when: () => true },
  );

/** Credentials by name: `global` for CAPX, and one for each cluster with a dedicated credential. */
export const credentials = z.record(objectName, credential);
