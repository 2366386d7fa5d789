/** The preflight as a whole: one function for the command and for the program. */
import { type Bundles, preflightTarget } from "../manifests/stack-manifests.ts";
import { evaluate, SETTINGS_RULES } from "../policy/rules/index.ts";
import type { Violation } from "../policy/rules/violation.ts";
import type { TransportOptions } from "../prism-central/transport.ts";
import type { Stack } from "../schema/stack.ts";
import { type CheckContext, type ManagementAccess, type PrismCentralLogin, type RenderChart, Shared } from "./check.ts";
import { CHECKS } from "./checks.ts";
import { existingClusters } from "./management/existing-clusters.ts";
import { type PreflightReport, reportOf } from "./preflight-report.ts";
import { prismCentralsOf } from "./prism-central/sessions.ts";
import { runChecks, type Skip } from "./run-checks.ts";

export interface PreflightOptions {
  readonly stack: Stack;
  readonly bundles: Bundles;
  /** `<project>.<stack>`. */
  readonly identity: string;
  /** Names of clusters to ask about. @default all */
  readonly clusters?: readonly string[];
  /** The login of an entry of `credentials`; undefined: it is not known here. */
  login(entry: string): PrismCentralLogin | undefined;
  readonly management: ManagementAccess;
  /** @default none: what Helm releases contain is not asked about */
  readonly render?: RenderChart;
  /** Checks that are not asked, beside those of the stack file. @default none */
  readonly skips?: readonly Skip[];
  /** Who plays Prism Central on this machine. @default nobody */
  readonly playedBy?: TransportOptions["playedBy"];
  readonly signal?: AbortSignal;
}

/** Asks every check that is not skipped. Never throws for what it finds; the report says it. */
export async function preflight(options: PreflightOptions): Promise<PreflightReport> {
  const { stack, bundles, identity, login, management, signal, playedBy } = options;
  const clusters = options.clusters ?? Object.keys(stack.clusters);
  const transport = playedBy === undefined ? {} : { playedBy };
  const prismCentrals = prismCentralsOf({ stack, bundles, clusters, login, transport });
  const shared = new Shared();
  const { deadline } = stack.preflight;
  const asking = { management, shared, signal: signal ?? AbortSignal.timeout(deadline * 1000) };
  const context: Omit<CheckContext, "signal"> = {
    ...{ stack, bundles, identity, clusters, prismCentrals, management, shared, render: options.render },
    existing: () => shared.once("existing clusters", () => existingClusters(asking, identity)),
  };
  try {
    const skips = skipsOf(options);
    const result = await runChecks(CHECKS, { ...context, ...(signal && { signal }) }, { skips, deadline });
    return reportOf(result, stack.environment);
  } finally {
    await prismCentrals.close();
  }
}

/** Checks that are not asked: of the stack file, then of the command, each with its reason. */
export function skipsOf({ stack, skips = [] }: Pick<PreflightOptions, "stack" | "skips">): Skip[] {
  return [...Object.entries(stack.preflight.skip ?? {}).map(([id, reason]) => ({ id, reason })), ...skips];
}

/** What is wrong with skipping: ids that no check has, and what the rule refuses. */
export function skipFaults(skips: readonly Skip[], { environment }: Pick<Stack, "environment">): Violation[] {
  const subject = preflightTarget(Object.fromEntries(skips.map(({ id, reason }) => [id, reason])));
  return [
    ...skips
      .filter(({ id }) => !CHECKS.some((check) => check.id === id))
      .map(({ id }) => ({
        path: `preflight.skip.${id}`,
        reason: "is no check's id",
        remedy: "npm run preflight -- --list prints them all",
      })),
    ...evaluate([subject], { environment }, SETTINGS_RULES).violations,
  ];
}
