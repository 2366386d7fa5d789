import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { ControllerContext } from "./context.ts";
import { clusterFailure } from "./failures.ts";
import { render, serverForLookups } from "./helm-renderer.ts";
import { runningVersion } from "./kcm-self-upgrade.ts";
import { MachineController } from "./machine-controller.ts";
import { ensureMetadata, ownerOf, removeFinalizer } from "./metadata.ts";
import { addCapxOwner, removeCapxOwner } from "./owner-references.ts";
import type { RenderedObjects } from "./rendered-objects.ts";
import { servicesStatus } from "./service-controller.ts";
import { type ClusterDeployment, type ClusterTemplate, type Credential, keyOf } from "./simulated-kinds.ts";
import { isSimulated, SIMULATED_STATUS, type SimulatedStatus, writeStatus } from "./status-writer.ts";
import { chartOf } from "./template-controller.ts";
import { removeKubeconfig, writeKubeconfig } from "./workload-kubeconfig.ts";

export const FINALIZER = "k0rdent.mirantis.com/cluster-deployment";
/** How long Cluster API takes to delete a cluster, in milliseconds. */
const DELETION = 1_000;
/** How often a cluster that is being deleted is looked at, in milliseconds. */
const POLL = 150;
const STUCK = "cluster-deployment-stuck";

/** Statuses that nothing but a change of what they depend on can change. */
const FINAL: ReadonlySet<string> = new Set(["ready", "validated"]);

/** Simulates kcm's ClusterDeployment controller, with Helm in Flux's place. */
export class ClusterController {
  private readonly context: ControllerContext;
  private readonly client: KubernetesClient;
  private readonly renderedObjects: RenderedObjects;
  private readonly machines: MachineController;
  /** Of clusters with a final status, the versions of all that it depends on. */
  private readonly settled = new Map<string, string>();
  /** When a cluster that is being deleted was last looked at, in milliseconds since the epoch. */
  private readonly lookedAt = new Map<string, number>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.client = context.client;
    this.renderedObjects = context.renderedObjects;
    this.machines = new MachineController(context.client);
  }

  async reconcile(cluster: ClusterDeployment): Promise<void> {
    if (cluster.metadata.deletionTimestamp) return this.remove(cluster);
    const key = keyOf(cluster.metadata);
    const versions = this.versionsOf(cluster);
    if (this.settled.get(key) === versions) return;
    this.settled.delete(key);
    if (!(await ensureMetadata(this.client, cluster, FINALIZER))) return;
    const status = await this.evaluate(cluster);
    await writeStatus(this.client, cluster, status);
    if (FINAL.has(status.name)) this.settled.set(key, versions);
  }

  private versionsOf({ metadata, spec }: ClusterDeployment): string {
    const { informers } = this.context;
    const { name, namespace = "" } = metadata;
    const objects = [
      informers.clusterTemplates.find(spec?.template ?? "", namespace),
      informers.credentials.find(spec?.credential ?? "", namespace),
      informers.clusters.find(name, namespace),
      informers.secrets.find(`${name}-kubeconfig`, namespace),
      ...informers.chains.items,
    ];
    const versions = objects.map((object) => object?.metadata.resourceVersion);
    return [metadata.resourceVersion, ...versions, runningVersion(informers), ...informers.failures].join();
  }

  private async evaluate(cluster: ClusterDeployment): Promise<SimulatedStatus> {
    const { informers } = this.context;
    const { name, namespace = "", generation = 1 } = cluster.metadata;
    const services = servicesStatus(this.context, cluster, false);
    const values = { generation, availableUpgrades: this.upgradesOf(cluster), chart: "", revision: 0, services };
    const template = informers.clusterTemplates.find(cluster.spec?.template ?? "", namespace);
    const error = this.templateError(cluster, template);
    if (!template || error) return { name: "template-invalid", values: { ...values, error } };
    const { chartSpec } = template.spec?.helm ?? {};
    values.chart = `${chartOf(template.spec?.helm ?? {})}@${chartSpec?.version ?? "*"}`;
    const credential = informers.credentials.find(cluster.spec?.credential ?? "", namespace);
    if (!credential?.status?.ready) {
      const key = keyOf({ namespace, name: cluster.spec?.credential ?? "" });
      return { name: "credential-unready", values: { ...values, error: `the Credential ${key} is not ready` } };
    }
    if (informers.failures.has("cluster-deployment-failed")) return { name: "cluster-deployment-failed", values };
    const chartValues = this.valuesOf(cluster, credential);
    const hash = createHash("sha256")
      .update(JSON.stringify([cluster.spec?.template, chartValues, this.annotations]))
      .digest("hex");
    const before = this.renderedObjects.read(namespace, name);
    const progressing: SimulatedStatus = { name: "progressing", values };
    if (!before && !isSimulated(cluster, progressing)) return progressing;
    if (before?.hash !== hash) {
      const error = await this.install({ cluster, template, values: chartValues, hash });
      if (error) return { name: error.status, values: { ...values, error: error.message } };
    }
    if (cluster.spec?.dryRun) return { name: "validated", values };
    values.revision = this.renderedObjects.read(namespace, name)?.revision ?? 0;
    return this.clusterStatus(cluster, values);
  }

  /** Renders and applies the objects; returns what failed. */
  private async install(wanted: {
    cluster: ClusterDeployment;
    template: ClusterTemplate;
    values: unknown;
    hash: string;
  }): Promise<{ status: string; message: string } | undefined> {
    const { helm, charts, directory, log, requeueAfter } = this.context;
    const { name, namespace = "" } = wanted.cluster.metadata;
    const chart = join(charts, chartOf(wanted.template.spec?.helm ?? {}));
    const fail = (status: string, text: string) => {
      log(`ClusterDeployment ${namespace}/${name}: ${text}`);
      // As the real one retries: the error may be temporary.
      requeueAfter(2_000);
      return { status, message: text };
    };
    let objects: KubernetesObject[];
    try {
      if (!existsSync(chart)) throw new Error(`no chart ${chart}`);
      const server = await serverForLookups(this.context);
      objects = await render({ helm, chart, release: name, namespace, values: wanted.values, directory, server });
    } catch (error) {
      return fail(
        "chart-rejected",
        `failed to validate template with provided configuration: ${(error as Error).message}`,
      );
    }
    if (wanted.cluster.spec?.dryRun) return undefined;
    try {
      const { cluster, hash } = wanted;
      const { revision } = await this.renderedObjects.apply({
        release: name,
        namespace,
        objects,
        hash,
        owner: ownerOf(cluster),
        annotations: this.annotations,
      });
      await addCapxOwner(this.client, namespace, name);
      log(`ClusterDeployment ${namespace}/${name}: ${objects.length} objects applied, revision ${revision}`);
      return undefined;
    } catch (error) {
      return fail(
        "release-failed",
        `Helm install failed for release ${namespace}/${name}: ${(error as Error).message}`,
      );
    }
  }

  /** The status by the conditions of the Cluster. */
  private async clusterStatus(
    deployment: ClusterDeployment,
    values: Record<string, unknown>,
  ): Promise<SimulatedStatus> {
    const { informers } = this.context;
    if (informers.failures.has(STUCK)) return { name: STUCK, values };
    const { name, namespace = "" } = deployment.metadata;
    await this.machines.reconcile({ namespace, name }, informers.failures);
    const cluster = informers.clusters.find(name, namespace);
    const faults = (cluster?.status?.conditions ?? []).filter(({ status }) => status !== "True");
    const { entries = [] } = this.renderedObjects.read(namespace, name) ?? {};
    // Applied a moment ago, it may not be in the cache yet.
    const hasCluster = entries.some(({ path }) => /^\/apis\/cluster\.x-k8s\.io\/\w+\/.*\/clusters\//.test(path));
    if (hasCluster && (!cluster?.status?.conditions || faults.length > 0)) {
      const error =
        faults.map(({ type, message }) => `* ${type}: ${message}`).join("\n") ||
        "Condition ControlPlaneInitialized not yet reported";
      return { name: "installed", values: { ...values, error } };
    }
    // As the real one, once the control plane is ready.
    if (cluster) await writeKubeconfig(this.context, { cluster: deployment, owner: cluster });
    const hasServices = (deployment.spec?.serviceSpec?.services ?? []).length > 0;
    if (hasServices && informers.failures.has("service-not-deployed")) return { name: "service-not-deployed", values };
    return { name: "ready", values: { ...values, services: servicesStatus(this.context, deployment, true) } };
  }

  private valuesOf({ metadata, spec }: ClusterDeployment, { spec: identity }: Credential): Record<string, unknown> {
    const { apiVersion, kind, name, namespace } = identity?.identityRef ?? {};
    return {
      clusterLabels: metadata.labels ?? {},
      ...spec?.config,
      clusterIdentity: { apiVersion, kind, name, namespace },
    };
  }

  /** The injected failure, for the Stages of Cluster API's and CAPX's kinds. */
  private get annotations(): Record<string, string> {
    const failure = clusterFailure(this.context.informers.failures);
    return failure === undefined ? {} : { [SIMULATED_STATUS]: failure };
  }

  private templateError({ spec, metadata }: ClusterDeployment, template: ClusterTemplate | undefined): string {
    const key = keyOf({ namespace: metadata.namespace, name: spec?.template ?? "" });
    if (!template)
      return `failed to get ClusterTemplate ${key}: ClusterTemplate.k0rdent.mirantis.com "${spec?.template}" not found`;
    if (template.status?.valid) return "";
    const { validationError } = template.status ?? {};
    return `ClusterTemplate ${key} is not marked as valid${validationError ? `: ${validationError}` : ""}`;
  }

  private upgradesOf({ metadata, spec }: ClusterDeployment): string[] {
    const supported = this.context.informers.chains.items
      .filter((chain) => chain.metadata.namespace === metadata.namespace)
      .flatMap((chain) => chain.spec?.supportedTemplates ?? [])
      .filter(({ name }) => name === spec?.template);
    return [
      ...new Set(supported.flatMap(({ availableUpgrades = [] }) => availableUpgrades.map(({ name }) => name))),
    ].sort();
  }

  private async remove(cluster: ClusterDeployment): Promise<void> {
    const { requeueAfter, log } = this.context;
    const { name, namespace = "", finalizers = [], deletionTimestamp = "" } = cluster.metadata;
    if (!finalizers.includes(FINALIZER)) return;
    const key = keyOf({ namespace, name });
    this.settled.delete(key);
    const sinceLast = Date.now() - (this.lookedAt.get(key) ?? 0);
    if (sinceLast < POLL) return requeueAfter(POLL - sinceLast);
    this.lookedAt.set(key, Date.now());
    // As with Cluster API, machines are deleted first: they need the login.
    if (!(await this.machines.remove({ namespace, name }, this.context.informers.failures))) return requeueAfter(POLL);
    await removeCapxOwner(this.context, namespace, name);
    const isRemoved = await this.renderedObjects.remove(namespace, name);
    const left = Date.parse(deletionTimestamp) + DELETION - Date.now();
    if (!isRemoved || left > 0) {
      requeueAfter(isRemoved ? left : POLL);
      return;
    }
    await removeKubeconfig(this.client, { namespace, name });
    await removeFinalizer(this.client, cluster, FINALIZER);
    this.lookedAt.delete(key);
    log(`ClusterDeployment ${namespace}/${name}: deleted with its objects`);
  }
}
