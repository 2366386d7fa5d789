import { join } from "node:path";
import { ApiError, Client, type KubeObject, pause } from "./client.ts";
import { ClusterController } from "./cluster-controller.ts";
import { judgeCredential } from "./credential-controller.ts";
import { readFailures } from "./failures.ts";
import { COMPONENT_LABEL, Informers } from "./informers.ts";
import { offeredVersions, runningVersion } from "./kcm-self-upgrade.ts";
import { type Context, deploysClusters, ManagementController } from "./management-controller.ts";
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
import { Inventory } from "./rendered-objects.ts";
import { StageKeeper } from "./stages.ts";
import { writeStatus } from "./status-writer.ts";
import { canonicalInterval, judgeClusterTemplate, judgeProviderTemplate } from "./template-controller.ts";
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
const SETTLE = 5_000;

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
  const inventory = new Inventory(client, join(own, "releases"));
  const alarm = new Alarm();
  const world = new Informers({ client, onChange: () => alarm.ring(), signal });
  const certificates = await serverCertificates({ helm, directory: own });
  const settle = async () => {
    const until = Date.now() + SETTLE;
    do await pause(150, signal);
    while (!world.synced && Date.now() < until);
  };
  const webhook = new Webhook({ client, certificates, sight: world, settle, log });
  await webhook.listen();
  const context: Context = {
    client,
    world,
    inventory,
    charts,
    helm,
    directory: own,
    log,
    again: (milliseconds) => alarm.ring(milliseconds),
  };
  void keepStages({ client, world, signal, log });
  const players = {
    context,
    webhook,
    management: new ManagementController(context),
    clusters: new ClusterController(context),
  };
  let prepared = false;
  let version: string | undefined;
  let fault = "";
  let rung = true;
  while (!signal.aborted) {
    const failures = readFailures(directory);
    const changed = [...failures].join() !== [...world.failures].join();
    world.failures = failures;
    try {
      if (!prepared) await prepareUsers(client);
      prepared = true;
      const running = world.controller && runningVersion(world);
      // Another kcm is another process.
      if (version !== undefined && running !== undefined && version !== running) world.restart();
      version = running ?? version;
      if (world.synced && (rung || changed)) await pass(players);
      fault = "";
    } catch (error) {
      const text = (error as Error).message;
      // A lost race is put right by the next pass, which the winner's change brings about.
      if (text !== fault && !(error instanceof ApiError && error.code === 409)) log(`will try again: ${text}`);
      fault = text;
      alarm.ring(200);
    }
    rung = await alarm.wait(IDLE, signal);
    if (rung) await pause(GATHER, signal);
  }
  await Promise.race([webhook.register(false).catch(() => undefined), pause(1_000, AbortSignal.timeout(1_000))]);
  webhook.close();
}

/** Keeps the Stages beside the loop: what the definitions hold up must not hold up the controllers. */
async function keepStages({
  client,
  world,
  signal,
  log,
}: {
  client: Client;
  world: Informers;
  signal: AbortSignal;
  log: (line: string) => void;
}): Promise<void> {
  const keeper = new StageKeeper(client);
  let seen = "";
  let before = "";
  while (!signal.aborted) {
    const names = world.crds.items.map(({ metadata }) => metadata.name).sort();
    const now = names.join();
    try {
      // Again and again until all are applied; after that only when definitions come or go. A chart brings them by the dozen: once all are there.
      const isDue = world.crds.synced && now === before && now !== seen;
      if (isDue && (await keeper.reconcile(new Set(names)))) seen = now;
    } catch (error) {
      log(`stages: will try again: ${(error as Error).message}`);
    }
    before = now;
    await pause(100, signal);
  }
}

interface Players {
  context: Context;
  webhook: Webhook;
  management: ManagementController;
  clusters: ClusterController;
}

/** Looks at everything once, and does what is to be done. Controllers do not wait for one another: what fails in one is thrown at the end. */
async function pass({ context, webhook, management, clusters }: Players): Promise<void> {
  const { client, world } = context;
  // Without kcm's Deployment nobody plays: what holds a finalizer then keeps it, as with the real kcm.
  const plays = world.hasKcmKinds && world.controller !== undefined;
  await webhook.register(
    plays && (webhook.isRegistered || world.management?.status?.components?.kcm?.success === true),
  );
  if (!plays) return;
  const faults: unknown[] = [];
  const attempt = (work: Promise<unknown>) => work.catch((error) => faults.push(error));
  for (const version of offeredVersions(world)) await attempt(ensureRelease(client, world, version));
  for (const object of world.managements.items) await attempt(management.reconcile(object));
  const leaving = world.management?.metadata.deletionTimestamp !== undefined;
  if (!leaving) {
    await attempt(playTemplates(context));
    await attempt(playCredentials(context));
  }
  const playsClusters = deploysClusters(world) && !leaving;
  const concerned = world.clusterDeployments.items.filter(
    ({ metadata }) => playsClusters || metadata.deletionTimestamp,
  );
  await Promise.all(concerned.map((cluster) => attempt(clusters.reconcile(cluster))));
  if (faults.length > 0) throw faults[0];
}

async function playTemplates({ client, world, charts, log }: Context): Promise<void> {
  const { management, namespace } = world;
  for (const template of world.providerTemplates.items) {
    if (!(await label(client, { resource: PROVIDER_TEMPLATES, template, log }))) continue;
    await writeStatus(client, PROVIDER_TEMPLATES, {
      object: template,
      verdict: judgeProviderTemplate(template, { charts, management, namespace }),
    });
  }
  for (const template of world.clusterTemplates.items) {
    if (!(await label(client, { resource: CLUSTER_TEMPLATES, template, log }))) continue;
    await writeStatus(client, CLUSTER_TEMPLATES, {
      object: template,
      verdict: judgeClusterTemplate(template, { charts, management }),
    });
  }
}

const refused = new Set<string>();

/** Writes kcm's label, and with it the whole template in the controller's spelling, which an immutable spec may not survive. */
async function label(
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
    if (!refused.has(key)) log(`${key} stays invalid: ${error.message}`);
    refused.add(key);
  }
  return false;
}

async function playCredentials({ client, world, again }: Context): Promise<void> {
  if (!world.management) return;
  for (const credential of world.credentials.items) {
    if (credential.metadata.deletionTimestamp) continue;
    if (credential.metadata.labels?.[COMPONENT_LABEL] !== "kcm") {
      await client.merge(pathOf(CREDENTIALS, credential), { metadata: { labels: { [COMPONENT_LABEL]: "kcm" } } });
      continue;
    }
    const verdict = await judgeCredential(client, credential, world.failures.has("credential-refused"));
    if (verdict.verdict === "missing") again(300);
    await writeStatus(client, CREDENTIALS, { object: credential as KubeObject, verdict });
  }
}

/** Wakes the loop: at once, or after a time. */
class Alarm {
  private wake: (() => void) | undefined;
  private rung = false;

  ring(milliseconds = 0): void {
    if (milliseconds > 0) {
      setTimeout(() => this.ring(), milliseconds).unref();
      return;
    }
    this.rung = true;
    this.wake?.();
  }

  /** Waits until it rings, which it answers true to, or until the limit in milliseconds. */
  async wait(limit: number, signal: AbortSignal): Promise<boolean> {
    if (!this.rung && !signal.aborted) {
      const cut = new AbortController();
      this.wake = () => cut.abort();
      await pause(limit, AbortSignal.any([cut.signal, signal]));
      this.wake = undefined;
    }
    const { rung } = this;
    this.rung = false;
    return rung;
  }
}
