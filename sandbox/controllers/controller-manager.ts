import { join } from "node:path";
import { connectKubernetes, type KubernetesClient } from "../../kubernetes/client.ts";
import { ApiError } from "../../kubernetes/errors.ts";
import { readKubeconfig } from "../../kubernetes/kubeconfig.ts";
import { pause } from "../../kubernetes/wait.ts";
import { ClusterController } from "./cluster-controller.ts";
import type { ControllerContext } from "./context.ts";
import { reconcileCredentials } from "./credential-controller.ts";
import { readFailures } from "./failures.ts";
import { Informers } from "./informers.ts";
import { offeredVersions, runningVersion } from "./kcm-self-upgrade.ts";
import { deploysClusters, ManagementController } from "./management-controller.ts";
import { ensureRelease } from "./release-controller.ts";
import { RenderedObjects } from "./rendered-objects.ts";
import { reconcileServices } from "./service-controller.ts";
import { StageReconciler } from "./stages.ts";
import { reconcileTemplates } from "./template-controller.ts";
import { Trigger } from "./trigger.ts";
import { Webhook } from "./webhook.ts";
import { serverCertificates } from "./webhook-certificates.ts";
import { prepareUsers } from "./workload-kubeconfig.ts";

export interface ControllerOptions {
  kubeconfig: string;
  /** The sandbox's folder: failures.json is read there, and controllers/ is this process's own. */
  directory: string;
  /** Folder of the cluster and provider charts. */
  charts: string;
  /** Path of the helm binary. */
  helm: string;
  signal: AbortSignal;
  log?: (line: string) => void;
}

/** How long a change waits for others before it is looked at, and how often failures.json is read; milliseconds. */
const GATHER = 15;
const IDLE = 500;
/** How long an admission waits for restarted caches, in milliseconds: less than the API server waits for it. */
const RESYNC = 5_000;

/** Simulates kcm's controllers and its admission against a sandbox until the signal ends it. The API server may come and go. */
export async function runControllers({
  kubeconfig,
  directory,
  charts,
  helm,
  signal,
  log = () => undefined,
}: ControllerOptions): Promise<void> {
  const client = await connectKubernetes({ kubeconfig: readKubeconfig(kubeconfig) }, "k0rdent-nutanix-sandbox");
  const own = join(directory, "controllers");
  const renderedObjects = new RenderedObjects(client, join(own, "releases"));
  const trigger = new Trigger();
  const informers = new Informers({ client, onChange: () => trigger.fire(), signal });
  const certificates = await serverCertificates({ helm, directory: own });
  const resync = async () => {
    const until = Date.now() + RESYNC;
    do await pause(150, signal);
    while (!informers.synced && Date.now() < until);
  };
  const webhook = new Webhook({ client, certificates, caches: informers, resync, log });
  await webhook.listen();
  const context: ControllerContext = {
    client,
    informers,
    renderedObjects,
    kubeconfig,
    charts,
    helm,
    directory: own,
    log,
    requeueAfter: (milliseconds) => trigger.fire(milliseconds),
  };
  void reconcileStages({ client, informers, signal, log });
  const controllers = {
    context,
    webhook,
    management: new ManagementController(context),
    clusterDeployments: new ClusterController(context),
  };
  let hasUsers = false;
  let version: string | undefined;
  let lastError = "";
  let fired = true;
  while (!signal.aborted) {
    const failures = readFailures(directory);
    const changed = [...failures].join() !== [...informers.failures].join();
    informers.failures = failures;
    try {
      if (!hasUsers) await prepareUsers(client);
      hasUsers = true;
      const running = informers.controller && runningVersion(informers);
      // Another kcm is another process.
      if (version !== undefined && running !== undefined && version !== running) informers.restart();
      version = running ?? version;
      if (informers.synced && (fired || changed)) await reconcileAll(controllers);
      lastError = "";
    } catch (error) {
      const text = (error as Error).message;
      // A lost race is put right by the next pass, which the winner's change brings about.
      if (text !== lastError && !(error instanceof ApiError && error.code === 409)) log(`retrying: ${text}`);
      lastError = text;
      trigger.fire(200);
    }
    fired = await trigger.wait(IDLE, signal);
    if (fired) await pause(GATHER, signal);
  }
  await Promise.race([webhook.register(false).catch(() => undefined), pause(1_000, AbortSignal.timeout(1_000))]);
  webhook.close();
}

/** Keeps the Stages beside the loop: what the definitions hold up must not hold up the controllers. */
async function reconcileStages({
  client,
  informers,
  signal,
  log,
}: {
  client: KubernetesClient;
  informers: Informers;
  signal: AbortSignal;
  log: (line: string) => void;
}): Promise<void> {
  const stages = new StageReconciler(client);
  let seen = "";
  let before = "";
  while (!signal.aborted) {
    const names = informers.crds.items.map(({ metadata }) => metadata.name).sort();
    const now = names.join();
    try {
      // Again and again until all are applied; after that only when definitions come or go. A chart brings them by the dozen: once all are there.
      const isDue = informers.crds.synced && now === before && now !== seen;
      if (isDue && (await stages.reconcile(new Set(names)))) seen = now;
    } catch (error) {
      log(`stages: retrying: ${(error as Error).message}`);
    }
    before = now;
    await pause(100, signal);
  }
}

interface Controllers {
  context: ControllerContext;
  webhook: Webhook;
  management: ManagementController;
  clusterDeployments: ClusterController;
}

/** Looks at everything once, and does what is to be done. Controllers do not wait for one another: what fails in one is thrown at the end. */
async function reconcileAll({ context, webhook, management, clusterDeployments }: Controllers): Promise<void> {
  const { client, informers } = context;
  // Without kcm's Deployment no controller runs: finalizers remain, as with the real kcm.
  const isActive = informers.hasKcmKinds && informers.controller !== undefined;
  await webhook.register(
    isActive && (webhook.isRegistered || informers.management?.status?.components?.kcm?.success === true),
  );
  if (!isActive) return;
  const errors: unknown[] = [];
  const attempt = (work: Promise<unknown>) => work.catch((error) => errors.push(error));
  for (const version of offeredVersions(informers)) await attempt(ensureRelease(client, informers, version));
  for (const object of informers.managements.items) await attempt(management.reconcile(object));
  const isDeleting = informers.management?.metadata.deletionTimestamp !== undefined;
  if (!isDeleting) {
    await attempt(reconcileTemplates(context));
    await attempt(reconcileCredentials(context));
    await attempt(reconcileServices(context));
  }
  const managesClusters = deploysClusters(informers) && !isDeleting;
  const due = informers.clusterDeployments.items.filter(
    ({ metadata }) => managesClusters || metadata.deletionTimestamp,
  );
  await Promise.all(due.map((cluster) => attempt(clusterDeployments.reconcile(cluster))));
  if (errors.length > 0) throw errors[0];
}
