import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Client, KubeObject } from "./client.ts";
import { failureOfClusters } from "./failures.ts";
import { render, serverOf } from "./helm-renderer.ts";
import { COMPONENT_LABEL } from "./informers.ts";
import { MachineController } from "./machine-controller.ts";
import type { Context } from "./management-controller.ts";
import { claimForCapx, releaseFromCapx } from "./owner-references.ts";
import {
  CLUSTER_DEPLOYMENTS,
  type ClusterDeployment,
  type ClusterTemplate,
  type Condition,
  type Credential,
  keyOf,
  pathOf,
} from "./played-kinds.ts";
import type { Inventory } from "./rendered-objects.ts";
import { isPlayed, PLAYED_STATUS, type PlayedStatus, writeStatus } from "./status-writer.ts";
import { chartOf } from "./template-controller.ts";
import { removeKubeconfig, writeKubeconfig } from "./workload-kubeconfig.ts";

export const FINALIZER = "k0rdent.mirantis.com/cluster-deployment";
/** How long Cluster API takes to delete a cluster, in milliseconds. */
const DELETION = 1_000;
/** How often a cluster is looked at that is not ready, in milliseconds. */
const POLL = 150;
const STUCK = "cluster-deployment-stuck";

type Cluster = KubeObject<
  { controlPlaneRef?: { apiVersion?: string; apiGroup?: string; kind: string; name: string } },
  { conditions?: Condition[] }
>;

/** Plays kcm's ClusterDeployment controller, with Helm in Flux's place. */
export class ClusterController {
  private readonly context: Context;
  private readonly client: Client;
  private readonly inventory: Inventory;
  private readonly machines: MachineController;

  constructor(context: Context) {
    this.context = context;
    this.client = context.client;
    this.inventory = context.inventory;
    this.machines = new MachineController(context.client);
  }

  async reconcile(cluster: ClusterDeployment): Promise<void> {
    if (cluster.metadata.deletionTimestamp) return this.remove(cluster);
    const { finalizers = [], labels = {}, resourceVersion } = cluster.metadata;
    if (!finalizers.includes(FINALIZER) || labels[COMPONENT_LABEL] !== "kcm") {
      await this.client.merge(pathOf(CLUSTER_DEPLOYMENTS, cluster), {
        metadata: {
          finalizers: [...new Set([...finalizers, FINALIZER])],
          labels: { [COMPONENT_LABEL]: "kcm" },
          resourceVersion,
        },
      });
      return;
    }
    const verdict = await this.judge(cluster);
    await writeStatus(this.client, CLUSTER_DEPLOYMENTS, { object: cluster, verdict });
  }

  private async judge(cluster: ClusterDeployment): Promise<PlayedStatus> {
    const { world } = this.context;
    const { name, namespace = "", generation = 1 } = cluster.metadata;
    const facts = { generation, availableUpgrades: this.upgradesOf(cluster), chart: "", revision: 0 };
    const template = world.clusterTemplates.find(cluster.spec?.template ?? "", namespace);
    const fault = this.templateFault(cluster, template);
    if (!template || fault) return { verdict: "template-invalid", facts: { ...facts, error: fault } };
    const { chartSpec } = template.spec?.helm ?? {};
    facts.chart = `${chartOf(template.spec?.helm ?? {})}@${chartSpec?.version ?? "*"}`;
    const credential = world.credentials.find(cluster.spec?.credential ?? "", namespace);
    if (!credential?.status?.ready) {
      const key = keyOf({ namespace, name: cluster.spec?.credential ?? "" });
      return { verdict: "credential-unready", facts: { ...facts, error: `the Credential ${key} is not ready` } };
    }
    if (world.failures.has("cluster-deployment-failed")) return { verdict: "cluster-deployment-failed", facts };
    const values = this.valuesOf(cluster, credential);
    const hash = createHash("sha256")
      .update(JSON.stringify([cluster.spec?.template, values, this.annotations]))
      .digest("hex");
    const before = this.inventory.read(namespace, name);
    const progressing: PlayedStatus = { verdict: "progressing", facts };
    if (!before && !isPlayed(cluster, progressing)) return progressing;
    if (before?.hash !== hash) {
      const error = await this.install({ cluster, template, values, hash });
      if (error) return { verdict: error.verdict, facts: { ...facts, error: error.message } };
    }
    if (cluster.spec?.dryRun) return { verdict: "validated", facts };
    facts.revision = this.inventory.read(namespace, name)?.revision ?? 0;
    return this.watchOver(cluster, facts);
  }

  /** Renders and applies the objects; answers with what went wrong. */
  private async install(wanted: {
    cluster: ClusterDeployment;
    template: ClusterTemplate;
    values: unknown;
    hash: string;
  }): Promise<{ verdict: string; message: string } | undefined> {
    const { helm, charts, directory, log, again } = this.context;
    const { name, namespace = "", uid = "" } = wanted.cluster.metadata;
    const chart = join(charts, chartOf(wanted.template.spec?.helm ?? {}));
    const fail = (verdict: string, text: string) => {
      log(`ClusterDeployment ${namespace}/${name}: ${text}`);
      // As the real one tries again by itself: a refusal may have been the server's bad minute.
      again(2_000);
      return { verdict, message: text };
    };
    let objects: KubeObject[];
    try {
      if (!existsSync(chart)) throw new Error(`there is no chart ${chart}`);
      const server = await serverOf(this.client);
      objects = await render({ helm, chart, release: name, namespace, values: wanted.values, directory, server });
    } catch (error) {
      return fail(
        "chart-refused",
        `failed to validate template with provided configuration: ${(error as Error).message}`,
      );
    }
    if (wanted.cluster.spec?.dryRun) return undefined;
    try {
      const owner = { apiVersion: wanted.cluster.apiVersion, kind: wanted.cluster.kind, name, uid };
      const { hash } = wanted;
      const { revision } = await this.inventory.apply({
        release: name,
        namespace,
        objects,
        hash,
        owner,
        annotations: this.annotations,
      });
      await claimForCapx(this.client, namespace, name);
      log(`ClusterDeployment ${namespace}/${name}: ${objects.length} objects applied, revision ${revision}`);
      return undefined;
    } catch (error) {
      return fail(
        "release-failed",
        `Helm install failed for release ${namespace}/${name}: ${(error as Error).message}`,
      );
    }
  }

  /** What Cluster API says of the cluster. */
  private async watchOver(deployment: ClusterDeployment, facts: Record<string, unknown>): Promise<PlayedStatus> {
    const { world, again } = this.context;
    if (world.failures.has(STUCK)) return { verdict: STUCK, facts };
    const { name, namespace = "" } = deployment.metadata;
    await this.machines.reconcile({ namespace, name }, world.failures);
    const cluster = await this.findCluster(namespace, name);
    const faults = (cluster?.status?.conditions ?? []).filter(({ status }) => status !== "True");
    if (cluster && (!cluster.status?.conditions || faults.length > 0)) {
      again(POLL);
      const error =
        faults.map(({ type, message }) => `* ${type}: ${message}`).join("\n") ||
        "Condition ControlPlaneInitialized not yet reported";
      return { verdict: "installed", facts: { ...facts, error } };
    }
    // The real one writes it when the control plane is up, which the Cluster has just said.
    if (cluster) await writeKubeconfig(this.client, { cluster: deployment, owner: cluster });
    return { verdict: "ready", facts };
  }

  private findCluster(namespace: string, name: string): Promise<Cluster | undefined> {
    // Both lines serve it, and conditions look alike in all its versions.
    return this.client.find<Cluster>(`/apis/cluster.x-k8s.io/v1beta1/namespaces/${namespace}/clusters/${name}`);
  }

  private valuesOf({ metadata, spec }: ClusterDeployment, { spec: identity }: Credential): Record<string, unknown> {
    const { apiVersion, kind, name, namespace } = identity?.identityRef ?? {};
    return {
      clusterLabels: metadata.labels ?? {},
      ...spec?.config,
      clusterIdentity: { apiVersion, kind, name, namespace },
    };
  }

  /** Tells the Stages of Cluster API's and CAPX's kinds what happens to them. */
  private get annotations(): Record<string, string> {
    const failure = failureOfClusters(this.context.world.failures);
    return failure === undefined ? {} : { [PLAYED_STATUS]: failure };
  }

  private templateFault({ spec, metadata }: ClusterDeployment, template: ClusterTemplate | undefined): string {
    const key = keyOf({ namespace: metadata.namespace, name: spec?.template ?? "" });
    if (!template)
      return `failed to get ClusterTemplate ${key}: ClusterTemplate.k0rdent.mirantis.com "${spec?.template}" not found`;
    if (template.status?.valid) return "";
    const { validationError } = template.status ?? {};
    return `ClusterTemplate ${key} is not marked as valid${validationError ? `: ${validationError}` : ""}`;
  }

  private upgradesOf({ metadata, spec }: ClusterDeployment): string[] {
    const supported = this.context.world.chains.items
      .filter((chain) => chain.metadata.namespace === metadata.namespace)
      .flatMap((chain) => chain.spec?.supportedTemplates ?? [])
      .filter(({ name }) => name === spec?.template);
    return [
      ...new Set(supported.flatMap(({ availableUpgrades = [] }) => availableUpgrades.map(({ name }) => name))),
    ].sort();
  }

  private async remove({ metadata }: ClusterDeployment): Promise<void> {
    const { again, log } = this.context;
    const { name, namespace = "", finalizers = [], deletionTimestamp = "" } = metadata;
    if (!finalizers.includes(FINALIZER)) return;
    // As with Cluster API, machines go first: the login must be there as long as they are.
    if (!(await this.machines.remove({ namespace, name }, this.context.world.failures))) return again(POLL);
    await releaseFromCapx(this.client, namespace, name);
    const gone = await this.inventory.remove(namespace, name);
    const left = Date.parse(deletionTimestamp) + DELETION - Date.now();
    if (!gone || left > 0) {
      again(gone ? left : POLL);
      return;
    }
    await removeKubeconfig(this.client, { namespace, name });
    const rest = finalizers.filter((finalizer) => finalizer !== FINALIZER);
    await this.client.merge(pathOf(CLUSTER_DEPLOYMENTS, { metadata }), { metadata: { finalizers: rest } });
    log(`ClusterDeployment ${namespace}/${name} is gone with its objects`);
  }
}
