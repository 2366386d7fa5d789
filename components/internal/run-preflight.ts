import pulumi from "@pulumi/pulumi";
import { NOWHERE } from "../../kubernetes/kubeconfig.ts";
import type { ApiAccess } from "../../kubernetes/transport.ts";
import { CLUSTER_MEMORY } from "../../manifests/names.ts";
import type { Bundles } from "../../manifests/stack-manifests.ts";
import type { ManagementAccess, PrismCentralLogin, RecordedCluster } from "../../preflight/check.ts";
import type { PreflightReport } from "../../preflight/preflight-report.ts";
import type { Stack } from "../../schema/stack.ts";
import { isTestRuntime } from "./hooks.ts";
import { stackIdentity } from "./with-ownership.ts";

/** Entries of `credentials`; a password that the stack makes itself is known once it is made. */
export type Credentials = Readonly<
  Record<string, { readonly username: string; readonly password?: string | undefined }>
>;

export interface PreflightArgs extends Stack {
  readonly access: ApiAccess;
  readonly bundles: Bundles;
  /** All logins by name, a secret: opened in memory, where they leave for their Prism Central. */
  readonly logins: pulumi.Output<Credentials>;
}

/** {@link runPreflight}, in every run that can write: where the program is only rendered, nobody is asked. */
export async function runPreflightBeforeUpdate(args: PreflightArgs): Promise<void> {
  if (!isTestRuntime()) await runPreflight(args);
}

/**
 * Asks Prism Central and the management cluster before anything is registered, as `preflight.mode` says; `off` asks nothing, and
 * says so.
 *
 * @throws RunError with every failure, where the mode is `enforce`.
 */
export async function runPreflight(args: PreflightArgs): Promise<void> {
  const { mode } = args.preflight;
  if (mode === "off") {
    pulumi.log.info("preflight: off; npm run preflight asks, and preflight.mode: warn or enforce asks in every run");
    return;
  }
  const report = await reportOf(args);
  // The checks are loaded only where they are asked.
  const { findingLine, summaryLine } = await import("../../preflight/preflight-report.ts");
  for (const { id, reason } of report.skipped) pulumi.log.warn(`preflight: ${id}: skipped: ${reason}`);
  const isDear = args.environment === "production";
  for (const finding of report.findings.filter(({ verdict }) => verdict === "unknown")) {
    pulumi.log[isDear ? "warn" : "info"](`preflight: ${findingLine(finding)}`);
  }
  pulumi.log.info(`preflight: ${summaryLine(report)}`);
  const failures = report.findings.filter(({ verdict }) => verdict === "fail").map(findingLine);
  if (failures.length === 0) return;
  if (mode === "warn") {
    for (const failure of failures) pulumi.log.warn(`preflight: ${failure}`);
    return;
  }
  throw new pulumi.RunError(["the preflight refuses this:", ...failures.map((line) => `  - ${line}`)].join("\n"));
}

/** What comes of it, once the secrets are open. They are handed to nothing that prints. */
function reportOf({ logins, access, bundles, ...stack }: PreflightArgs): Promise<PreflightReport> {
  return new Promise((resolve, reject) => {
    logins.apply(async (all) => {
      try {
        const [{ preflight }, { Secret }] = await Promise.all([
          import("../../preflight/index.ts"),
          import("../../preflight/secret.ts"),
        ]);
        const login = (entry: string): PrismCentralLogin | undefined => {
          const known = all[entry];
          if (known?.password === undefined) return undefined;
          return { entry, username: new Secret(known.username), password: new Secret(known.password) };
        };
        const [reached, remembered] = await Promise.all([managementAccess(access), remembers()]);
        const management = { ...reached, remembered };
        resolve(await preflight({ stack, bundles, identity: stackIdentity(), login, management }));
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** What the state of this very stack remembers, asked of the engine, which registers nothing for it; undefined where it does not tell. */
async function remembers(): Promise<RecordedCluster | undefined> {
  try {
    const stackName = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
    const told = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
    const resources = (told as { outputs?: Record<string, { outputs?: { output?: unknown } }> }).outputs;
    if (resources === undefined) return undefined;
    const [, memory] = Object.entries(resources).find(([urn]) => urn.endsWith(`::${CLUSTER_MEMORY}`)) ?? [];
    const uid = memory?.outputs?.output;
    return { uid: typeof uid === "string" ? uid : undefined };
  } catch {
    return undefined;
  }
}

/** The management cluster for checks; a kubeconfig that is not there is told as one that cannot be read. */
export async function managementAccess({ kubeconfig, context }: ApiAccess): Promise<ManagementAccess> {
  const { Secret } = await import("../../preflight/secret.ts");
  if (kubeconfig === undefined) return { kubeconfig, context };
  return { kubeconfig: new Secret(kubeconfig === NOWHERE ? "" : kubeconfig), context };
}
