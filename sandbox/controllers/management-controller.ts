import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Client, isGone, type KubeObject } from "./client.ts";
import { render, serverForLookups } from "./helm-renderer.ts";
import { COMPONENT_LABEL, type Informers, MANAGED_LABEL } from "./informers.ts";
import { removeHelmReleases, upgradeKcm } from "./kcm-self-upgrade.ts";
import {
  type Contracts,
  HELM_REPOSITORIES,
  listPath,
  MANAGEMENTS,
  type ManagementComponent,
  type ManagementObject,
  pathOf,
  SECRETS,
} from "./played-kinds.ts";
import { markRemoved, REMOVED, SVELTOS } from "./release-controller.ts";
import type { RenderedObjects } from "./rendered-objects.ts";
import { type PlayedStatus, writeStatus } from "./status-writer.ts";
import { chartOf } from "./template-controller.ts";

export const FINALIZER = "k0rdent.mirantis.com/management";
/** How long a component takes to install, in milliseconds. */
const INSTALL = 250;
/** How long kcm says Ready too early, in milliseconds, when it is told to. */
export const PREMATURE = 3_000;

interface InstallStatus {
  success: boolean;
  error: string | null;
  template: string;
  exposedProviders?: string[];
}

export interface ControllerContext {
  client: Client;
  informers: Informers;
  renderedObjects: RenderedObjects;
  charts: string;
  helm: string;
  directory: string;
  log: (line: string) => void;
  /** Asks for another pass after so many milliseconds. */
  requeueAfter: (milliseconds: number) => void;
}

/** Plays kcm's Management controller. */
export class ManagementController {
  private readonly context: ControllerContext;
  /** When the installation of a component was begun, by component and template. */
  private readonly installStarted = new Map<string, number>();
  /** When the lie about a Management was begun, by its uid. */
  private readonly prematureSince = new Map<string, number>();

  constructor(context: ControllerContext) {
    this.context = context;
  }

  async reconcile(management: ManagementObject): Promise<void> {
    const { client, informers } = this.context;
    if (management.metadata.deletionTimestamp) return this.remove(management);
    const { finalizers = [], labels = {} } = management.metadata;
    if (!finalizers.includes(FINALIZER) || labels[COMPONENT_LABEL] !== "kcm") {
      await client.merge(pathOf(MANAGEMENTS, management), {
        metadata: {
          finalizers: [...new Set([...finalizers, FINALIZER])],
          labels: { [COMPONENT_LABEL]: "kcm" },
          resourceVersion: management.metadata.resourceVersion,
        },
      });
      return;
    }
    if (!informers.releases.find(management.spec?.release ?? "")) return;
    await this.removeDroppedComponents(management);
    await writeStatus(client, MANAGEMENTS, { object: management, status: await this.evaluate(management) });
  }

  private async evaluate(management: ManagementObject): Promise<PlayedStatus> {
    const generation = management.metadata.generation ?? 1;
    if (this.isPrematurelyReady(management)) return { name: "management-premature-ready", values: { generation } };
    const components: Record<string, InstallStatus> = {};
    const available = new Set(["infrastructure-internal"]);
    const contracts: Record<string, Contracts> = {};
    for (const component of this.componentsOf(management)) {
      const template = this.context.informers.providerTemplates.find(component.template ?? "");
      const error = await this.install(component, { management, components });
      const providers = template?.status?.providers ?? [];
      components[component.name] = {
        template: component.template ?? "",
        success: error === "",
        // A merge patch takes a field away that is null.
        error: error || null,
        ...(providers.length > 0 ? { exposedProviders: providers } : {}),
      };
      if (error) continue;
      for (const provider of providers) {
        available.add(provider);
        contracts[provider] = template?.status?.capiContracts ?? {};
      }
    }
    const failing = Object.keys(components)
      .filter((name) => !components[name]?.success)
      .sort();
    const values = {
      generation,
      components,
      failing,
      availableProviders: [...available].sort(),
      capiContracts: contracts,
    };
    if (failing.length > 0) return { name: "progressing", values };
    if (this.context.informers.failures.has("management-never-ready"))
      return { name: "management-never-ready", values };
    return { name: "ready", values };
  }

  private isPrematurelyReady({ metadata: { uid = "" }, status }: ManagementObject): boolean {
    if (!this.context.informers.failures.has("management-premature-ready")) {
      this.prematureSince.delete(uid);
      return false;
    }
    // It is told of a fresh installation only.
    if (!this.prematureSince.has(uid))
      this.prematureSince.set(uid, Object.keys(status?.components ?? {}).length > 0 ? 0 : Date.now());
    const left = (this.prematureSince.get(uid) ?? 0) + PREMATURE - Date.now();
    if (left > 0) this.context.requeueAfter(left);
    return left > 0;
  }

  private componentsOf({ spec }: ManagementObject): ManagementComponent[] {
    const release = this.context.informers.releases.find(spec?.release ?? "")?.spec;
    const core = [
      { name: "kcm", template: spec?.core?.kcm?.template || release?.kcm.template || "" },
      { name: "capi", template: spec?.core?.capi?.template || release?.capi.template || "" },
    ];
    const providers = (spec?.providers ?? []).map((provider) => ({
      ...provider,
      template: provider.template || release?.providers?.find(({ name }) => name === provider.name)?.template || "",
    }));
    return [...core, ...providers];
  }

  /** Goes on with a component; answers with what keeps it from being ready, in kcm's words. */
  private async install(
    component: ManagementComponent,
    { management, components }: { management: ManagementObject; components: Record<string, InstallStatus> },
  ): Promise<string> {
    const { informers, namespace } = { informers: this.context.informers, namespace: this.context.informers.namespace };
    const dependency = component.name === "kcm" ? undefined : component.name === "capi" ? "kcm" : "capi";
    if (dependency && !components[dependency]?.success)
      return `Some dependencies are not ready yet. Waiting for ${dependency}`;
    const template = informers.providerTemplates.find(component.template ?? "");
    if (!template) {
      return `Failed to get ProviderTemplate ${component.template}: ProviderTemplate.k0rdent.mirantis.com "${component.template}" not found`;
    }
    if (!template.status?.valid) return `Template ${component.template} is not marked as valid`;
    const release = informers.releases.find(management.spec?.release ?? "");
    if (release?.metadata.annotations?.[REMOVED]) {
      return `HelmRelease ${namespace}/${component.name} is not yet ready: could not get Source object: HelmChart.source.toolkit.fluxcd.io "${component.template}" not found`;
    }
    const installed = management.status?.components?.[component.name]?.success === true;
    const key = `${management.metadata.uid}/${component.name}/${component.template}`;
    const since = this.installStarted.get(key) ?? (installed ? 0 : Date.now());
    this.installStarted.set(key, since);
    const error =
      component.name === "kcm"
        ? await upgradeKcm(this.context, management)
        : await this.applyProvider(component, chartOf(template.spec?.helm ?? {}));
    if (error) return error;
    const left = since + INSTALL - Date.now();
    if (left <= 0) return "";
    this.context.requeueAfter(left);
    return `HelmRelease ${namespace}/${component.name} Ready condition is not updated yet`;
  }

  /** Applies a provider's chart when it is one of ours, and looks whether its provider is ready. */
  private async applyProvider({ name, config }: ManagementComponent, chart: string): Promise<string> {
    const { client, renderedObjects, charts, helm, directory, informers } = this.context;
    if (chart !== "cluster-api-provider-nutanix") return "";
    const namespace = informers.namespace;
    const hash = createHash("sha256")
      .update(JSON.stringify([chart, config]))
      .digest("hex");
    try {
      if (renderedObjects.read(namespace, name)?.hash !== hash) {
        const server = await serverForLookups(client);
        const objects = await render({
          helm,
          chart: join(charts, chart),
          release: name,
          namespace,
          values: config,
          directory,
          server,
        });
        await renderedObjects.apply({ release: name, namespace, objects, hash });
      }
    } catch (error) {
      this.context.requeueAfter(1_000);
      return `HelmRelease ${namespace}/${name} is not yet ready: Helm install failed for release ${namespace}/${name}: ${(error as Error).message}`;
    }
    return this.providerError(namespace);
  }

  private async providerError(namespace: string): Promise<string> {
    const { client } = this.context;
    const path = `/apis/operator.cluster.x-k8s.io/v1alpha2/namespaces/${namespace}/infrastructureproviders/nutanix`;
    const provider =
      await client.find<
        KubeObject<
          { configSecret?: { name: string; namespace?: string } },
          { conditions?: { type: string; status: string }[] }
        >
      >(path);
    const secret = provider?.spec?.configSecret;
    const metadata = { name: secret?.name ?? "", namespace: secret?.namespace ?? namespace };
    if (secret && !(await client.find(pathOf(SECRETS, { metadata })))) {
      this.context.requeueAfter(300);
      return `InfrastructureProvider is not yet ready: condition Ready is in status False: secrets "${metadata.name}" not found`;
    }
    const ready = provider?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    if (!ready) this.context.requeueAfter(100);
    return ready ? "" : "InfrastructureProvider is not yet ready: status is not updated yet";
  }

  /** Takes away what a component brought that the spec names no longer. */
  private async removeDroppedComponents({ spec, status }: ManagementObject): Promise<void> {
    const { renderedObjects, informers, log } = this.context;
    const names = new Set(["kcm", "capi", ...(spec?.providers ?? []).map(({ name }) => name)]);
    for (const name of Object.keys(status?.components ?? {})) {
      if (names.has(name) || !renderedObjects.read(informers.namespace, name)) continue;
      log(`component ${name} left Management`);
      await renderedObjects.remove(informers.namespace, name);
    }
  }

  /** Un-installs all that kcm manages, its chart sources too, then lets go of the Management. */
  private async remove(management: ManagementObject): Promise<void> {
    const { client, renderedObjects, informers, log } = this.context;
    if (!management.metadata.finalizers?.includes(FINALIZER)) return;
    for (const { name } of management.spec?.providers ?? []) {
      if (await renderedObjects.remove(informers.namespace, name)) continue;
      this.context.requeueAfter(100);
      return;
    }
    const managed = `${listPath(HELM_REPOSITORIES)}?labelSelector=${encodeURIComponent(`${MANAGED_LABEL}=true`)}`;
    const list = await client.list(managed).catch((error) => {
      if (isGone(error)) return { items: [] };
      throw error;
    });
    for (const object of list.items ?? []) await client.delete(pathOf(HELM_REPOSITORIES, object));
    await removeHelmReleases(this.context);
    await markRemoved(client, informers);
    const finalizers = management.metadata.finalizers.filter((name) => name !== FINALIZER);
    await client.merge(pathOf(MANAGEMENTS, management), { metadata: { finalizers } });
    log(`Management ${management.metadata.name} is gone with what it managed`);
  }
}

/** Whether kcm plays ClusterDeployments: it begins with the first success of Sveltos. */
export function deploysClusters({ management }: Informers): boolean {
  return management?.status?.components?.[SVELTOS]?.success === true;
}
