import { readFileSync } from "node:fs";
import { normalizedBundle } from "../policy/rules/trust-bundles.ts";
import type { Violation } from "../policy/rules/violation.ts";
import type { TrustBundleSource } from "../schema/prism-central-settings.ts";

/** PEM text of a trust bundle, as Go reads all of it. Errors are added to `errors`. */
export function readBundle(
  source: TrustBundleSource | undefined,
  path: string,
  errors: Violation[],
): string | undefined {
  if (source === undefined) return undefined;
  if ("pem" in source) return normalizedBundle(source.pem);
  try {
    return normalizedBundle(readFileSync(source.file, "utf8"));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    const [reason, remedy] = [`cannot be read (${code})`, "set the path of an existing file"];
    errors.push({ path: `${path}.file`, value: source.file, reason, remedy });
    return undefined;
  }
}
