import pulumi from "@pulumi/pulumi";
import type { StoredCredentials } from "../../config/credentials.ts";
import { NOWHERE } from "../../kubernetes/kubeconfig.ts";
import type { ApiAccess } from "../../kubernetes/transport.ts";
import type { Bundles } from "../../manifests/stack-manifests.ts";
import type { ManagementAccess } from "../../preflight/check.ts";
import type { PreflightReport } from "../../preflight/preflight-report.ts";
import type { PrismCentralLogin } from "../../prism-central/prism-transport.ts";
import type { Stack } from "../../schema/stack.ts";
import { isTestRuntime } from "./hooks.ts";
import { log } from "./log.ts";
import { recordedClusterUid } from "./recorded-cluster-uid.ts";
import { stackIdentity } from "./with-ownership.ts";

export interface PreflightArgs extends Stack {
  readonly access: ApiAccess;
  readonly bundles: Bundles;
  /** All logins by name, a secret: opened in memory, where they are sent to their Prism Central. */
  readonly logins: pulumi.Output<StoredCredentials>;
}

/** {@link runPreflight}, in every run of the engine: not where the program is only rendered. */
export async function runPreflightBeforeUpdate(args: PreflightArgs): Promise<void> {
  if (!isTestRuntime()) await runPreflight(args);
}

/**
 * Checks Prism Central and the management cluster before any resource is registered, as `preflight.mode` says; `off` checks nothing,
 * and logs that.
 *
 * @throws RunError with every failure, where the mode is `enforce`.
 */
export async function runPreflight(args: PreflightArgs): Promise<void> {
  const { mode } = args.preflight;
  if (mode === "off") {
    log.info(
      "preflight: off; run npm run preflight, or set preflight.mode to warn or enforce to run it in every preview and up",
    );
    return;
  }
  const report = await reportOf(args);
  // The checks are loaded only where they run.
  const { resultLine, sharedResults, summaryLine } = await import("../../preflight/preflight-report.ts");
  for (const { id, reason } of report.skipped) log.warn(`preflight: ${id}: skipped: ${reason}`);
  const isProduction = args.environment === "production";
  const results = sharedResults(report.results);
  for (const result of results.filter(({ status }) => status === "inconclusive")) {
    log[isProduction ? "warn" : "info"](`preflight: ${resultLine(result)}`);
  }
  log.info(`preflight: ${summaryLine(report)}`);
  const failures = results.filter(({ status }) => status === "fail").map(resultLine);
  if (failures.length === 0) return;
  if (mode === "warn") {
    for (const failure of failures) log.warn(`preflight: ${failure}`);
    return;
  }
  throw new pulumi.RunError(["preflight failed:", ...failures.map((line) => `  - ${line}`)].join("\n"));
}

/** Runs the checks once the secrets are known, which are passed to nothing that prints. */
function reportOf({ logins, access, bundles, ...stack }: PreflightArgs): Promise<PreflightReport> {
  return new Promise((resolve, reject) => {
    logins.apply(async (all) => {
      try {
        const [{ preflight }, { Secret }] = await Promise.all([
          import("../../preflight/index.ts"),
          import("../../prism-central/secret.ts"),
        ]);
        const login = (entry: string): PrismCentralLogin | undefined => {
          const known = all[entry];
          if (known?.password === undefined) return undefined;
          return { entry, username: new Secret(known.username), password: new Secret(known.password) };
        };
        const [reached, recorded] = await Promise.all([managementAccess(access), recordedClusterUid()]);
        const management = { ...reached, recorded };
        resolve(await preflight({ stack, bundles, identity: stackIdentity(), login, management }));
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** The management cluster for checks; a missing kubeconfig becomes an empty one, which the checks report. */
export async function managementAccess({ kubeconfig, context }: ApiAccess): Promise<ManagementAccess> {
  const { Secret } = await import("../../prism-central/secret.ts");
  if (kubeconfig === undefined) return { kubeconfig, context };
  return { kubeconfig: new Secret(kubeconfig === NOWHERE ? "" : kubeconfig), context };
}
