/** Asks checks of the management cluster about the stack `dev`, changed as a test needs it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";
import type { Check, CheckContext, RecordedCluster, RenderChart } from "../../../preflight/check.ts";
import { Shared } from "../../../preflight/check.ts";
import { MANAGEMENT_CHECKS } from "../../../preflight/management/index.ts";
import { findingLine } from "../../../preflight/preflight-report.ts";
import { runChecks } from "../../../preflight/run-checks.ts";
import { Secret } from "../../../preflight/secret.ts";
import { parse } from "../../../schema/parse.ts";
import { type Stack, stack as stackSchema } from "../../../schema/stack.ts";

export const IDENTITY = "k0rdent-nutanix.dev";

/** A stack file's settings: everything in it may be of a wrong type. */
type Settings = Record<string, any>;

/** The stack `dev`, with changes. */
export function devStack(change: (settings: Settings) => void = () => undefined): Stack {
  const file = join(import.meta.dirname, "..", "..", "..", "Pulumi.dev.yaml");
  const { config } = parseYaml(readFileSync(file, "utf8")) as { config: Settings };
  const settings: Settings = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(/^.*:/, ""), value]),
  );
  delete settings["credentials"];
  change(settings);
  const { value, faults } = parse(stackSchema, settings, { at: "" });
  if (value === undefined) throw new Error(JSON.stringify(faults));
  return value;
}

export interface Asked {
  /** Text of a kubeconfig. */
  readonly kubeconfig: string;
  readonly context?: string;
  readonly stack?: Stack;
  readonly clusters?: readonly string[];
  /** What the state remembers. */
  readonly remembered?: RecordedCluster;
  readonly render?: RenderChart;
  /** Seconds for one check. */
  readonly deadline?: number;
}

/** The answers of checks, named by their ids, a line each. */
export async function ask(ids: readonly string[], asked: Asked): Promise<string[]> {
  const checks = ids.map((id) => checkOf(id));
  const stack = asked.stack ?? devStack();
  const context: Omit<CheckContext, "signal"> = {
    stack,
    bundles: { prismCentral: "-----BEGIN CERTIFICATE-----" },
    identity: IDENTITY,
    clusters: asked.clusters ?? Object.keys(stack.clusters),
    prismCentrals: { targets: [] } as unknown as CheckContext["prismCentrals"],
    management: { kubeconfig: new Secret(asked.kubeconfig), context: asked.context, remembered: asked.remembered },
    render: asked.render,
    existing: async () => new Set(),
    shared: new Shared(),
  };
  const { findings } = await runChecks(checks, context, { deadline: asked.deadline ?? 20 });
  return findings.map(findingLine);
}

function checkOf(id: string): Check {
  const check = MANAGEMENT_CHECKS.find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check has the id ${id}`);
  return check;
}

export const ALL = MANAGEMENT_CHECKS.map(({ id }) => id);
