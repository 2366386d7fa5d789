import { readFileSync } from "node:fs";
import { normalizedBundle } from "../../policy/rules/trust-bundles.ts";
import type { TrustBundleSource } from "../../schema/prism-central-settings.ts";
import { throwConfigErrors } from "./enforce.ts";

/**
 * PEM text of a trust bundle, as Go reads all of it.
 *
 * @throws RunError where its file cannot be read.
 */
export function pemText(source: TrustBundleSource | undefined, path: string): string | undefined {
  if (source === undefined) return undefined;
  if ("pem" in source) return normalizedBundle(source.pem);
  try {
    return normalizedBundle(readFileSync(source.file, "utf8"));
  } catch (error) {
    const reason = `cannot be read (${(error as NodeJS.ErrnoException).code})`;
    throwConfigErrors([
      { path: `${path}.file`, value: source.file, reason, remedy: "set the path of an existing file" },
    ]);
    return undefined;
  }
}
