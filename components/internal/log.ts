/** What the program logs to the engine, which prints it as it is: texts of controllers, servers and stack files among it. */
import pulumi from "@pulumi/pulumi";
import { printableLine } from "../../policy/rules/printable.ts";

export const log = {
  info: (text: string): Promise<void> => pulumi.log.info(printableLine(text)),
  warn: (text: string): Promise<void> => pulumi.log.warn(printableLine(text)),
  error: (text: string): Promise<void> => pulumi.log.error(printableLine(text)),
};
