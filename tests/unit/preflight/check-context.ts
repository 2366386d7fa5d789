import type { Check, CheckContext } from "../../../preflight/check.ts";
import { resultLine } from "../../../preflight/preflight-report.ts";
import { type PrismCentralClientsOptions, prismCentralClients } from "../../../preflight/prism-central/clients.ts";
import { type RunChecksOptions, runChecks } from "../../../preflight/run-checks.ts";
import { PromiseCache } from "../../../prism-central/promise-cache.ts";
import { parse } from "../../../schema/parse.ts";
import { type Stack, stack as stackSchema } from "../../../schema/stack.ts";

export const IDENTITY = "k0rdent-nutanix.dev";

/** Settings of a stack file, before they are parsed. */
export type SettingsInput = Record<string, any>;

export function parseStack(settings: SettingsInput): Stack {
  const { value, violations } = parse(stackSchema, settings, { at: "" });
  if (value === undefined) throw new Error(JSON.stringify(violations));
  return value;
}

export interface ContextOptions extends Partial<PrismCentralClientsOptions> {
  readonly stack: Stack;
  readonly management?: CheckContext["management"];
  readonly renderChart?: CheckContext["renderChart"];
  /** Clusters that exist already; an error: the management cluster is not reachable. @default none */
  readonly existing?: readonly string[] | Error;
}

export type TestContext = Omit<CheckContext, "signal">;

export function checkContext(options: ContextOptions): TestContext {
  const { stack, bundles = {}, clusters = Object.keys(stack.clusters), existing = [], transport = {} } = options;
  const { login = () => undefined, management = { kubeconfig: undefined, context: undefined } } = options;
  return {
    ...{ stack, bundles, clusters, management, identity: IDENTITY, renderChart: options.renderChart },
    prismCentrals: prismCentralClients({ stack, bundles, clusters, login, transport }),
    existingClusters: async () => {
      if (existing instanceof Error) throw existing;
      return new Set(existing);
    },
    shared: new PromiseCache(),
  };
}

/** The report's lines, and closes the connections. */
export async function reportLines(
  checks: readonly Check[],
  context: TestContext,
  options?: RunChecksOptions,
): Promise<string[]> {
  try {
    return (await runChecks(checks, context, options)).results.map(resultLine);
  } finally {
    await context.prismCentrals.close();
  }
}

/** A scenario by its title, and what the check reports: lines without the check's id. */
export type Scenarios<Scenario> = Readonly<Record<string, readonly [Scenario, ...lines: string[]]>>;
