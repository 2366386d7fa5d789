import * as z from "zod";
import { because, seconds } from "./primitives.ts";

const checkId = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, because("is no check's id", "npm run preflight -- --list prints them all"));

/** What is asked of Prism Central and the management cluster before anything is registered. */
export const preflight = z.strictObject({
  mode: z
    .enum(["off", "warn", "enforce"])
    .default("off")
    .describe("in `pulumi preview` and `up`: ask nothing, warn of what is wrong, or refuse to go on"),
  skip: z
    .record(checkId, z.string().min(1, because("is empty", "write why the check is not asked")))
    .optional()
    .describe("checks that are not asked, each with the reason; refused by a rule in production"),
  deadline: seconds.default(30).describe("seconds for one check"),
});
export type Preflight = z.infer<typeof preflight>;
export const DEFAULT_PREFLIGHT: Preflight = { mode: "off", deadline: 30 };
