import * as z from "zod";
import { because, seconds } from "./primitives.ts";

const checkId = z
  .string()
  .regex(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    because("is not the name of a check", "npm run preflight -- --list prints all"),
  );

/** Checks of Prism Central and the management cluster before resources are registered. */
export const preflight = z.strictObject({
  mode: z
    .enum(["off", "warn", "enforce"])
    .default("off")
    .describe("in `pulumi preview` and `up`: run no checks, warn of failed checks, or fail"),
  skip: z
    .record(checkId, z.string().min(1, because("is empty", "state why the check is skipped")))
    .optional()
    .describe("skipped checks, each with the reason; a policy forbids them in production"),
  deadline: seconds.default(30).describe("seconds for one check"),
});
export type Preflight = z.infer<typeof preflight>;
