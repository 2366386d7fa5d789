import { join } from "node:path";
import { ApiError, Client, type KubeObject, pause } from "./client.ts";
import { ClusterController } from "./cluster-controller.ts";
import { credentialStatus } from "./credential-controller.ts";
import { readFailures } from "./failures.ts";
import { COMPONENT_LABEL, Informers } from "./informers.ts";
import { offeredVersions, runningVersion } from "./kcm-self-upgrade.ts";
import { type ControllerContext, deploysClusters, ManagementController } from "./management-controller.ts";
import {
  CLUSTER_TEMPLATES,
  type ClusterTemplate,
  CREDENTIALS,
  keyOf,
  PROVIDER_TEMPLATES,
  type ProviderTemplate,
  pathOf,
  type Resource,
} from "./played-kinds.ts";
import { ensureRelease } from "./release-controller.ts";
import { RenderedObjects } from "./rendered-objects.ts";
import { StageReconciler } from "./stages.ts";
import { writeStatus } from "./status-writer.ts";
import { canonicalInterval, clusterTemplateStatus, providerTemplateStatus } from "./template-controller.ts";
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
/** How long an admission waits for caches that begin anew, in milliseconds: less than the API server waits for it. */
const RESYNC = 5_000;

/** Plays kcm's controllers and its admission against a sandbox until the signal ends it. The API server may come and go. */
export async function runControllers({
  kubeconfig,
  directory,
  charts,
  helm,
  signal,
  log = () => undefined,
}: ControllerOptions): Promise<void> {
  const client = new Client(kubeconfig);
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
  client: Client;
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
  // Without kcm's Deployment nobody plays: what holds a finalizer then keeps it, as with the real kcm.
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
  }
  const managesClusters = deploysClusters(informers) && !isDeleting;
  const due = informers.clusterDeployments.items.filter(
    ({ metadata }) => managesClusters || metadata.deletionTimestamp,
  );
  await Promise.all(due.map((cluster) => attempt(clusterDeployments.reconcile(cluster))));
  if (errors.length > 0) throw errors[0];
}

async function reconcileTemplates({ client, informers, charts, log }: ControllerContext): Promise<void> {
  const { management, namespace } = informers;
  for (const template of informers.providerTemplates.items) {
    if (!(await ensureLabel(client, { resource: PROVIDER_TEMPLATES, template, log }))) continue;
    await writeStatus(client, PROVIDER_TEMPLATES, {
      object: template,
      status: providerTemplateStatus(template, { charts, management, namespace }),
    });
  }
  for (const template of informers.clusterTemplates.items) {
    if (!(await ensureLabel(client, { resource: CLUSTER_TEMPLATES, template, log }))) continue;
    await writeStatus(client, CLUSTER_TEMPLATES, {
      object: template,
      status: clusterTemplateStatus(template, { charts, management }),
    });
  }
}

const rejected = new Set<string>();

/** Writes kcm's label, and with it the whole template in the controller's spelling, which an immutable spec may not survive. */
async function ensureLabel(
  client: Client,
  {
    resource,
    template,
    log,
  }: { resource: Resource; template: ProviderTemplate | ClusterTemplate; log: (line: string) => void },
): Promise<boolean> {
  const { metadata, spec } = template;
  if (metadata.labels?.[COMPONENT_LABEL] === "kcm") return true;
  const interval = spec?.helm.chartSpec?.interval;
  const body = {
    metadata: { labels: { [COMPONENT_LABEL]: "kcm" } },
    ...(interval ? { spec: { helm: { chartSpec: { interval: canonicalInterval(interval) } } } } : {}),
  };
  try {
    await client.merge(pathOf(resource, template), body);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 422) throw error;
    const key = keyOf(metadata);
    if (!rejected.has(key)) log(`${key} remains invalid: ${error.message}`);
    rejected.add(key);
  }
  return false;
}

async function reconcileCredentials({ client, informers, requeueAfter }: ControllerContext): Promise<void> {
  if (!informers.management) return;
  for (const credential of informers.credentials.items) {
    if (credential.metadata.deletionTimestamp) continue;
    if (credential.metadata.labels?.[COMPONENT_LABEL] !== "kcm") {
      await client.merge(pathOf(CREDENTIALS, credential), { metadata: { labels: { [COMPONENT_LABEL]: "kcm" } } });
      continue;
    }
    const status = await credentialStatus(client, credential, informers.failures.has("credential-refused"));
    if (status.name === "missing") requeueAfter(300);
    await writeStatus(client, CREDENTIALS, { object: credential as KubeObject, status });
  }
}

/** Wakes the loop: at once, or after a time. */
class Trigger {
  private wake: (() => void) | undefined;
  private fired = false;

  fire(milliseconds = 0): void {
    if (milliseconds > 0) {
      setTimeout(() => this.fire(), milliseconds).unref();
      return;
    }
    this.fired = true;
    this.wake?.();
  }

  /** Waits until it rings, which it answers true to, or until the limit in milliseconds. */
  async wait(limit: number, signal: AbortSignal): Promise<boolean> {
    if (!this.fired && !signal.aborted) {
      const cut = new AbortController();
      this.wake = () => cut.abort();
      await pause(limit, AbortSignal.any([cut.signal, signal]));
      this.wake = undefined;
    }
    const { fired } = this;
    this.fired = false;
    return fired;
  }
}
