/** The preflight as a whole: one function for the command and for the program. */

import { KINDS } from "../kubernetes/kinds.ts";
import { STACK_LABEL } from "../manifests/manifest.ts";
import { NAMESPACE } from "../manifests/names.ts";
import { type Bundles, preflightTarget } from "../manifests/stack-manifests.ts";
import { evaluate, SETTINGS_RULES } from "../policy/rules/index.ts";
import type { Violation } from "../policy/rules/violation.ts";
import type { PrismCentralLogin, PrismTransportOptions } from "../prism-central/prism-transport.ts";
import { PromiseCache } from "../prism-central/promise-cache.ts";
import type { Stack } from "../schema/stack.ts";
import type { CheckContext, ManagementAccess, RenderChart } from "./check.ts";
import { CHECKS } from "./checks.ts";
import { type ManagementContext, managementOf } from "./management/management-client.ts";
import { type PreflightReport, reportOf } from "./preflight-report.ts";
import { prismCentralClients } from "./prism-central/clients.ts";
import { runChecks, type SkippedCheck } from "./run-checks.ts";

export interface PreflightOptions {
  readonly stack: Stack;
  readonly bundles: Bundles;
  /** `<project>.<stack>`. */
  readonly identity: string;
  /** Names of clusters to check. @default all */
  readonly clusters?: readonly string[];
  /** The login of an entry of `credentials`; undefined: it is not known on this machine. */
  login(entry: string): PrismCentralLogin | undefined;
  readonly management: ManagementAccess;
  /** @default none: the contents of Helm releases are not checked */
  readonly renderChart?: RenderChart;
  /** Checks that do not run, beside those of the stack file. @default none */
  readonly skips?: readonly SkippedCheck[];
  /** Port of a stand-in of Prism Central on this machine. @default none */
  readonly standInPort?: PrismTransportOptions["standInPort"];
  readonly signal?: AbortSignal;
}

/** Runs every check that is not skipped. Never throws for a failure; the report lists it. */
export async function preflight(options: PreflightOptions): Promise<PreflightReport> {
  const { stack, bundles, identity, login, management, signal, standInPort, renderChart } = options;
  const { deadline } = stack.preflight;
  const clusters = options.clusters ?? Object.keys(stack.clusters);
  const prismCentrals = prismCentralClients({ stack, bundles, clusters, login, transport: { standInPort } });
  const shared = new PromiseCache();
  const access = { management, shared, signal: signal ?? AbortSignal.timeout(deadline * 1000) };
  const context: Omit<CheckContext, "signal"> = {
    ...{ stack, bundles, identity, clusters, prismCentrals, management, shared, renderChart },
    existingClusters: () => shared.once("existing clusters", () => existingClusters(access, identity)),
  };
  try {
    const result = await runChecks(CHECKS, { ...context, signal }, { skips: skipsOf(options), deadline });
    return reportOf(result, stack.environment);
  } finally {
    await prismCentrals.close();
  }
}

/** Checks that do not run, with their reasons: of the stack file, then of the command. */
export function skipsOf({ stack, skips = [] }: Pick<PreflightOptions, "stack" | "skips">): SkippedCheck[] {
  return [...Object.entries(stack.preflight.skip ?? {}).map(([id, reason]) => ({ id, reason })), ...skips];
}

/** Skips of unknown checks, and what the rules do not allow. */
export function skipViolations(
  skips: readonly SkippedCheck[],
  { environment }: Pick<Stack, "environment">,
): Violation[] {
  const target = preflightTarget(Object.fromEntries(skips.map(({ id, reason }) => [id, reason])));
  const unknown = skips.filter(({ id }) => !CHECKS.some((check) => check.id === id));
  return [
    ...unknown.map(({ id }) => ({
      path: `preflight.skip.${id}`,
      reason: "is not a check",
      remedy: "list the checks with npm run preflight -- --list",
    })),
    ...evaluate([target], { environment }, SETTINGS_RULES).violations,
  ];
}

/** Names of the clusters of the stack `identity`, which is `<project>.<stack>`, that exist. @throws Inconclusive */
async function existingClusters(context: ManagementContext, identity: string): Promise<ReadonlySet<string>> {
  const reader = await managementOf(context);
  const selector = `${STACK_LABEL}=${identity}`;
  const found = await reader.list(KINDS.ClusterDeployment, { namespace: NAMESPACE, selector });
  return new Set((found ?? []).map(({ metadata }) => metadata.name));
}
