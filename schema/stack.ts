import * as z from "zod";
import { capx } from "./capx-settings.ts";
import { cluster } from "./cluster.ts";
import { management } from "./management-settings.ts";
import { day, networks, policy } from "./policy-settings.ts";
import { DEFAULT_PREFLIGHT, preflight } from "./preflight-settings.ts";
import { because, objectName, positive } from "./primitives.ts";
import { prismCentral } from "./prism-central-settings.ts";

export const environment = z.enum(["dev", "staging", "production"]);
export type Environment = z.infer<typeof environment>;

/** A whole stack file, but for its secrets. */
export const stack = z.strictObject({
  environment: environment
    .default("production")
    .describe("what the stack is for; clusters are protected outside dev, and some rules are stricter"),
  management,
  capx: capx
    .default({ takeOwnership: false, managedExternally: false })
    .describe("how CAPX comes into the management cluster"),
  prismCentral: prismCentral.describe("Prism Central of the global credentials"),
  preflight: preflight.default(DEFAULT_PREFLIGHT),
  clusters: z
    .record(objectName, cluster)
    .default({})
    .describe("clusters by name; or one file each in clusters/<stack>/"),
  networks: networks
    .default({})
    .describe(
      "networks of the nodes, by the name or UUID that machines name their subnet by: endpoints keep out of their pools",
    ),
  peerStacks: z
    .array(z.string().min(1, because("is empty", "write the name of a stack, as pulumi stack ls shows it")))
    .default([])
    .describe("other stacks of this program, whose endpoints no cluster of this one may have"),
  policy: policy.default({}).describe("settings of rules by the rules' names, see docs/policies.md; default: none"),
});
export type Stack = z.infer<typeof stack>;
export type StackInput = z.input<typeof stack>;

const NO_PASSWORD = because(
  "is not a password",
  "set it with pulumi config set --secret --path 'credentials.<name>.password'",
);

/** A password that the stack makes itself. */
export const generate = z
  .strictObject({
    revision: positive.describe("which password is in use, from 1; one more is a rotation, see docs/recovery.md"),
    length: z
      .int({ error: because("is not a length", "write a whole number from 16 to 128") })
      .min(16, because("is too short", "write 16 or more"))
      .max(128, because("is too long", "write 128 or less"))
      .default(32)
      .describe("its characters"),
  })
  .describe("makes the password in place of a given one; default: it is given");
export type Generate = z.infer<typeof generate>;

/** A login as it is read, whichever way its password comes; anything else was refused already. */
function passwordsOf(value: unknown): { given: boolean; made: boolean } {
  const has = (key: string) => typeof value === "object" && value !== null && Object.hasOwn(value, key);
  return { given: has("password"), made: has("generate") };
}

/** A login to one Prism Central. The password is a secret; both are kept as secrets by the program. */
export const credential = z
  .strictObject({
    username: z
      .string({ error: because("is not a user name", "write the name of a Prism Central user") })
      .min(1, because("is empty", "write the name of a Prism Central user"))
      .describe("Prism Central user"),
    password: z
      .string({ error: NO_PASSWORD })
      .min(1, because("is empty", "set it with pulumi config set --secret --path 'credentials.<name>.password'"))
      .optional()
      .describe("its password, a secret; either this or generate"),
    generate: generate.optional(),
    rotated: day.optional().describe("day that the password was last changed; default: not known"),
  })
  // Said beside what else is wrong, and not only once all else is right.
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
    { path: ["generate"], error: because("stands beside a password", "take one of the two out"), when: () => true },
  );

/** Credentials by name: `global`, which CAPX is installed with, and one for each cluster that has its own. */
export const credentials = z.record(objectName, credential);
