import { managementAccess } from "../../components/internal/run-preflight.ts";
import { formatViolations } from "../../policy/rules/violation.ts";
import { preflight, skipsOf, skipViolations } from "../../preflight/index.ts";
import type { PreflightReport } from "../../preflight/preflight-report.ts";
import type { SkippedCheck } from "../../preflight/run-checks.ts";
import { findTools } from "../../sandbox/ensure-tools.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { note } from "../output/print.ts";
import { chartRenderer } from "./chart-renderer.ts";
import { readRecordedCluster } from "./recorded-cluster.ts";
import { readPlainStack } from "./stack-config.ts";
import { openLogins } from "./stack-credentials.ts";
import { STACK_FILE, unknownCluster } from "./target.ts";

export interface StackPreflightOptions {
  readonly stack: string;
  /** Names of clusters to check. @default all of the stack */
  readonly clusters: readonly string[] | undefined;
  readonly skips: readonly SkippedCheck[];
  readonly signal: AbortSignal;
}

/**
 * Runs every check that is not skipped.
 *
 * @throws Failure where a cluster does not exist, or a check cannot be skipped.
 */
export async function runStackPreflight(options: StackPreflightOptions): Promise<PreflightReport> {
  const { skips, signal } = options;
  const read = await readPlainStack(options.stack);
  const { access, bundles, ...stack } = read.config;
  const all = Object.keys(stack.clusters);
  const unknown = options.clusters?.filter((name) => !all.includes(name)) ?? [];
  if (unknown.length > 0) throw unknownCluster(unknown, [STACK_FILE], all);
  const faults = skipViolations(skipsOf({ stack, skips }), stack);
  if (faults.length > 0) throw new Failure(formatViolations("invalid skips:", faults), EXIT.usage);
  const [{ paths }, logins, recorded] = await Promise.all([
    findTools(["helm"]),
    openLogins(options.stack, read),
    readRecordedCluster(options.stack, read.project),
  ]);
  for (const line of logins.notes) note(line);
  return preflight({
    ...{ stack, bundles, clusters: options.clusters ?? all, skips, signal },
    identity: `${read.project}.${options.stack}`,
    login: (entry) => logins.byEntry.get(entry),
    management: { ...(await managementAccess(access)), recorded },
    ...(paths.helm === undefined ? {} : { renderChart: chartRenderer(paths.helm) }),
  });
}
