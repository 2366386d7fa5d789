import { readBundle } from "../../manifests/trust-bundle-file.ts";
import type { Violation } from "../../policy/rules/violation.ts";
import type { TrustBundleSource } from "../../schema/prism-central-settings.ts";
import { throwConfigErrors } from "./enforce.ts";

/**
 * PEM text of a trust bundle.
 *
 * @throws RunError where its file cannot be read.
 */
export function pemText(source: TrustBundleSource | undefined, path: string): string | undefined {
  const errors: Violation[] = [];
  const pem = readBundle(source, path, errors);
  throwConfigErrors(errors);
  return pem;
}
