import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { PROJECT } from "../../../../cli/stack/paths.ts";

export type Plain = Record<string, any>;
export const BEFORE = readFileSync(join(PROJECT, "docs", "guides", "review", "before.yaml"), "utf8");
export const PREFIX = "k0rdent-nutanix:";

/** The stack file of docs/guides/review, changed. */
export function changed(change: (config: Plain) => void, text = BEFORE): string {
  const file = parse(text) as Plain;
  const config = Object.fromEntries(
    Object.entries(file["config"]).map(([key, value]) => [key.slice(PREFIX.length), value]),
  );
  change(config);
  file["config"] = Object.fromEntries(Object.entries(config).map(([key, value]) => [PREFIX + key, value]));
  return stringify(file);
}
