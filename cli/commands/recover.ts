import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { readiness } from "../../kubernetes/readiness.ts";
import { waitFor } from "../../kubernetes/wait.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { diagnose } from "../../operations/diagnoses/index.ts";
import { named } from "../../operations/diagnoses/input.ts";
import { planRecovery, type RecoveryPlan, type Step } from "../../operations/recovery.ts";
import { redeploy } from "../engine/redeploy.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { print } from "../output/print.ts";
import { collectDiagnostics } from "../stack/collect-diagnostics.ts";
import { openTarget, type Target, type TargetCommandOptions, withTargetOptions } from "../stack/target.ts";
import { findingsText } from "./doctor.ts";

interface RecoverOptions extends TargetCommandOptions {
  readonly cluster: string;
  readonly reset?: boolean;
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly timeout: string;
}

const HELP = `
Says what is wrong with a cluster, then what would be done about it, and asks before it does it. The safe steps come first:
machines that CAPX has given up are deleted, so that others are made, and Flux is asked to try again. A cluster that was never
up is removed, waited for, and deployed again with its stack; one that was up only with --reset. Finalizers of machines whose
deletion does not end are taken away only with --force, after the virtual machine is named that would stay in Prism Central.

Examples:
  $ npm run recover -- --cluster edge
  $ npm run recover -- --cluster edge --stack mine --reset

Exit codes: 0 done or nothing to do, 1 failed, 2 wrong use or not confirmed, 3 something is left that is not done without
--reset or --force.`;

export function registerRecover(program: Command): void {
  withTargetOptions(program.command("recover"))
    .description("get a cluster out of where it is stuck: the safe steps first, and nothing without asking")
    .requiredOption("--cluster <name>", "the cluster")
    .option("--reset", "remove the cluster and deploy it again, although its control plane was up")
    .option("--force", "take finalizers of machines away whose deletion does not end")
    .option("--yes", "do not ask")
    .option("--timeout <minutes>", "how long a removed cluster is waited for", "60")
    .addHelpText("after", HELP)
    .action(recover);
}

async function recover({ cluster, reset = false, force = false, ...options }: RecoverOptions): Promise<void> {
  const minutes = Number(options.timeout);
  if (!(minutes > 0))
    throw new Failure(`--timeout: "${options.timeout}" is no number of minutes; write one like 60`, EXIT.usage);
  if (reset && options.kubeconfig !== undefined && options.stack === undefined)
    throw new Failure(
      "--reset: --kubeconfig alone does not say which stack deploys the cluster again; name it with --stack",
      EXIT.usage,
    );
  const place = await openTarget(options);
  const { the, redact } = await collectDiagnostics(place);
  if (named(the, "ClusterDeployment", cluster) === undefined && named(the, "Cluster", cluster) === undefined)
    throw new Failure(`--cluster: "${cluster}" is not in ${place.client.server}; deploy it with its stack`, EXIT.usage);
  const findings = diagnose(the).filter((finding) => finding.cluster === cluster);
  print(redact(findingsText(findings, { now: the.snapshot.takenAt, missing: [] })));
  const plan = planRecovery(the, { cluster, reset, force });
  const { steps, withheld } = options.kubeconfig !== undefined && options.stack === undefined ? unreset(plan) : plan;
  for (const sentence of withheld) print(redact(`not done: ${sentence}`));
  if (steps.length === 0) {
    print("nothing to do");
    if (withheld.length > 0) process.exitCode = EXIT.unready;
    return;
  }
  print(redact(["what would be done:", ...steps.map(({ says }, index) => `  ${index + 1}. ${says}`)].join("\n")));
  await confirm(options.yes === true);
  for (const step of steps) {
    await run(step, { place, stack: options.stack ?? "dev", minutes });
    print(redact(`done: ${step.says}`));
  }
}

/** Without the step that a stack has to be known for. */
function unreset({ steps, withheld }: RecoveryPlan): RecoveryPlan {
  const resets = steps.filter(({ does }) => does === "reset");
  return {
    steps: steps.filter(({ does }) => does !== "reset"),
    withheld: [...withheld, ...resets.map(({ says }) => `${says}: only with --stack, the stack that deploys it`)],
  };
}

/** @throws Failure where nobody says yes. */
async function confirm(isYes: boolean): Promise<void> {
  if (isYes) return;
  if (!process.stdin.isTTY)
    throw new Failure("nothing was done: there is nobody to ask; say --yes if this is what you want", EXIT.usage);
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    if (/^y(es)?$/i.test((await asking.question("go on? (y/N) ")).trim())) return;
  } finally {
    asking.close();
  }
  throw new Failure("nothing was done", EXIT.usage);
}

const MACHINES = `/apis/cluster.x-k8s.io/v1beta1/namespaces/${NAMESPACE}/machines`;
const NUTANIX_MACHINES = `/apis/infrastructure.cluster.x-k8s.io/v1beta1/namespaces/${NAMESPACE}/nutanixmachines`;
const RELEASES = `/apis/helm.toolkit.fluxcd.io/v2/namespaces/${NAMESPACE}/helmreleases`;
const DEPLOYMENTS = `/apis/k0rdent.mirantis.com/v1beta1/namespaces/${NAMESPACE}/clusterdeployments`;

async function run(
  step: Step,
  { place: { client }, stack, minutes }: { place: Target; stack: string; minutes: number },
): Promise<void> {
  switch (step.does) {
    case "delete-machine":
      return client.delete(`${MACHINES}/${step.machine}`);
    case "retry-release": {
      const now = new Date().toISOString();
      const annotations = { "reconcile.fluxcd.io/requestedAt": now, "reconcile.fluxcd.io/resetAt": now };
      await client.merge(`${RELEASES}/${step.release}`, { metadata: { annotations } });
      return;
    }
    case "drop-finalizers":
      await client.merge(`${NUTANIX_MACHINES}/${step.machine}`, { metadata: { finalizers: null } });
      return;
    case "reset": {
      const path = `${DEPLOYMENTS}/${step.cluster}`;
      await client.delete(path);
      await waitGone(client, path, minutes);
      print(`the ClusterDeployment ${step.cluster} is gone; deploying the stack ${stack} again`);
      return redeploy(stack);
    }
  }
}

async function waitGone(client: Target["client"], path: string, minutes: number): Promise<void> {
  let object: KubernetesObject | undefined;
  const isGone = async () => {
    object = await client.get(path);
    return object === undefined;
  };
  if (await waitFor(isGone, { timeout: minutes * 60_000 })) return;
  throw new Failure(
    `the ClusterDeployment still exists after ${minutes} minutes: ${readiness(object).message}; npm run doctor says what it waits for, and the same command goes on from here`,
  );
}
