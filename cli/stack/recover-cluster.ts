import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { execa } from "execa";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { readiness } from "../../kubernetes/readiness.ts";
import { waitFor } from "../../kubernetes/wait.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { diagnose } from "../../operations/diagnoses/index.ts";
import { type DiagnosisInput, objectNamed } from "../../operations/diagnoses/input.ts";
import { planRecovery, type RecoveryPlan, type RecoveryStep, referencesOf } from "../../operations/recovery.ts";
import { findTools, TOOL_NAMES, type ToolPaths } from "../../sandbox/ensure-tools.ts";
import { openEngine } from "../engine/engine.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { findingsText } from "../output/findings-text.ts";
import { print } from "../output/print.ts";
import { collectDiagnostics } from "./collect-diagnostics.ts";
import { PROJECT } from "./paths.ts";
import { restoreNutanixCluster } from "./restore-nutanix-cluster.ts";
import { usesSandbox } from "./stack-file.ts";
import { referenceOf } from "./stack-reference.ts";
import { type ClusterTarget, openTarget, type TargetCommandOptions, unknownCluster } from "./target.ts";

export interface RecoverOptions extends TargetCommandOptions {
  readonly cluster: string;
  readonly reset: boolean;
  readonly force: boolean;
  /** PEM file of the CAs in the cluster's trust bundle, for where that does not exist any more. */
  readonly trustBundle?: string;
  /** Minutes to wait for the deletion of a cluster. */
  readonly timeout: number;
}

interface ClusterRecovery extends RecoveryPlan {
  /** Findings about the cluster, as text. */
  readonly findings: string;
  /** Runs one step, and returns what it did. */
  run(step: RecoveryStep): Promise<string>;
  redact(text: string): string;
}

/**
 * Plans the recovery of a cluster.
 *
 * @throws Failure where the cluster does not exist, or no stack is named for a reset.
 */
export async function recoverCluster({
  cluster,
  reset,
  force,
  trustBundle,
  ...options
}: RecoverOptions): Promise<ClusterRecovery> {
  const hasStack = options.kubeconfig === undefined || options.stack !== undefined;
  if (reset && !hasStack)
    throw new Failure("--reset: requires the stack that deploys the cluster; name it with --stack", EXIT.usage);
  const target = await openTarget(options);
  const { input, redact } = await collectDiagnostics(target);
  const { ClusterDeployment, Cluster } = input.snapshot.objects;
  const known = [...ClusterDeployment, ...Cluster].map(({ metadata }) => metadata.name);
  if (!known.includes(cluster)) throw unknownCluster(cluster, [target.client.server], known);
  const findings = diagnose(input).filter((finding) => finding.cluster === cluster);
  const plan = planRecovery(input, { cluster, reset, force });
  const bundle = trustBundle === undefined ? undefined : await readFile(resolve(trustBundle), "utf8");
  const { steps, withheld } = withoutBundle(hasStack ? plan : withoutReset(plan), input, bundle);
  const stack = options.stack ?? "dev";
  return {
    findings: redact(findingsText(findings, { now: input.snapshot.takenAt, missing: [] })),
    steps,
    withheld,
    redact,
    run: async (step) => {
      await runStep(step, { target, stack, bundle, timeout: options.timeout });
      return redact(`done: ${step.description}`);
    },
  };
}

function withoutReset({ steps, withheld }: RecoveryPlan): RecoveryPlan {
  const resets = steps.filter(({ action }) => action === "redeploy");
  return {
    steps: steps.filter(({ action }) => action !== "redeploy"),
    withheld: [
      ...withheld,
      ...resets.map(({ description }) => `${description}: requires --stack, the stack that deploys it`),
    ],
  };
}

/** A NutanixCluster whose trust bundle does not exist would be without it for ever. */
function withoutBundle(
  { steps, withheld }: RecoveryPlan,
  input: DiagnosisInput,
  pem: string | undefined,
): RecoveryPlan {
  const lacks = (step: RecoveryStep) =>
    step.action === "restore-nutanix-cluster" &&
    pem === undefined &&
    referencesOf(step.object).bundle !== undefined &&
    objectNamed(input, "ConfigMap", referencesOf(step.object).bundle) === undefined;
  const remedy = "requires the CA certificates of its trust bundle; name their PEM file with --trust-bundle";
  return {
    steps: steps.filter((step) => !lacks(step)),
    withheld: [...withheld, ...steps.filter(lacks).map(({ description }) => `${description}: ${remedy}`)],
  };
}

const MACHINES = `/apis/cluster.x-k8s.io/v1beta1/namespaces/${NAMESPACE}/machines`;
const NUTANIX_MACHINES = `/apis/infrastructure.cluster.x-k8s.io/v1beta1/namespaces/${NAMESPACE}/nutanixmachines`;
const RELEASES = `/apis/helm.toolkit.fluxcd.io/v2/namespaces/${NAMESPACE}/helmreleases`;
const DEPLOYMENTS = `/apis/k0rdent.mirantis.com/v1beta1/namespaces/${NAMESPACE}/clusterdeployments`;

interface StepContext {
  readonly target: ClusterTarget;
  readonly stack: string;
  /** PEM text. */
  readonly bundle: string | undefined;
  readonly timeout: number;
}

async function runStep(step: RecoveryStep, { target: { client }, stack, bundle, timeout }: StepContext): Promise<void> {
  switch (step.action) {
    case "restore-nutanix-cluster":
      return restoreNutanixCluster(client, step, { bundle, timeout });
    case "delete-machine":
      return client.delete(`${MACHINES}/${step.machine}`);
    case "retry-release": {
      const now = new Date().toISOString();
      const annotations = { "reconcile.fluxcd.io/requestedAt": now, "reconcile.fluxcd.io/resetAt": now };
      await client.merge(`${RELEASES}/${step.release}`, { metadata: { annotations } });
      return;
    }
    case "remove-finalizers":
      await client.merge(`${NUTANIX_MACHINES}/${step.machine}`, { metadata: { finalizers: null } });
      return;
    case "redeploy": {
      const path = `${DEPLOYMENTS}/${step.cluster}`;
      await client.delete(path);
      await waitForDeletion(client, path, timeout);
      return redeploy(stack);
    }
  }
}

async function waitForDeletion(client: ClusterTarget["client"], path: string, timeout: number): Promise<void> {
  let object: KubernetesObject | undefined;
  const isDeleted = async () => {
    object = await client.get(path);
    return object === undefined;
  };
  if (await waitFor(isDeleted, { timeout: timeout * 60_000 })) return;
  throw new Failure(
    `the ClusterDeployment still exists after ${timeout} minutes: ${readiness(object).message}; see npm run doctor, then run the same command again`,
  );
}

/**
 * Recreates what was deleted with a cluster (its ClusterDeployment, and the Secret and trust bundle that CAPX deletes with it):
 * a refresh, then an up. A stack on a sandbox runs under this project's engine, another one under your own Pulumi.
 *
 * @throws Failure with the command to run by hand where Pulumi is missing or fails.
 */
async function redeploy(stack: string): Promise<void> {
  if (usesSandbox(stack)) {
    const { paths, missing } = await findTools(TOOL_NAMES);
    if (missing.length > 0) throw new Failure(`tools: ${missing.join(", ")} are missing; get them with npm run tools`);
    const engine = await openEngine({ stack, tools: paths as ToolPaths });
    await engine.refresh();
    const { changes } = await engine.up();
    print(`stack ${stack}: ${changes.create ?? 0} created, ${changes.update ?? 0} updated`);
    return;
  }
  const words = ["up", "--refresh", "--stack", referenceOf(stack)];
  const { failed } = await execa("pulumi", words, { cwd: PROJECT, stdio: "inherit", reject: false });
  if (failed)
    throw new Failure(`the cluster is removed and not deployed again; do it with \`pulumi ${words.join(" ")}\``);
}
