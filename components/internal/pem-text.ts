import { readFileSync } from "node:fs";
import type { TrustBundleSource } from "../../schema/prism-central-settings.ts";
import { throwConfigErrors } from "./enforce.ts";

/**
 * PEM text of a trust bundle.
 *
 * @throws RunError where its file cannot be read.
 */
export function pemText(source: TrustBundleSource | undefined, path: string): string | undefined {
  if (source === undefined || "pem" in source) return source?.pem;
  try {
    return readFileSync(source.file, "utf8");
  } catch (error) {
    const reason = `cannot be read (${(error as NodeJS.ErrnoException).code})`;
    throwConfigErrors([
      { path: `${path}.file`, value: source.file, reason, remedy: "set the path of an existing file" },
    ]);
    return undefined;
  }
}
