import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Client, isGone, type KubeObject } from "./client.ts";
import { render, serverOf } from "./helm-renderer.ts";
import { COMPONENT_LABEL, type Informers, MANAGED_LABEL } from "./informers.ts";
import { installOwnRelease, removeOwnRelease } from "./kcm-self-upgrade.ts";
import {
  type Component,
  type Contracts,
  HELM_REPOSITORIES,
  listPath,
  MANAGEMENTS,
  type Management,
  pathOf,
  SECRETS,
} from "./played-kinds.ts";
import { markRemoved, REMOVED, SVELTOS } from "./release-controller.ts";
import type { Inventory } from "./rendered-objects.ts";
import { type PlayedStatus, writeStatus } from "./status-writer.ts";
import { chartOf } from "./template-controller.ts";

export const FINALIZER = "k0rdent.mirantis.com/management";
/** How long a component takes to install, in milliseconds. */
const INSTALL = 250;
/** How long kcm says Ready too early, in milliseconds, when it is told to. */
export const PREMATURE = 3_000;

interface ComponentStatus {
  success: boolean;
  error: string | null;
  template: string;
  exposedProviders?: string[];
}

export interface Context {
  client: Client;
  world: Informers;
  inventory: Inventory;
  charts: string;
  helm: string;
  directory: string;
  log: (line: string) => void;
  /** Asks for another pass after so many milliseconds. */
  again: (milliseconds: number) => void;
}

/** Plays kcm's Management controller. */
export class ManagementController {
  private readonly context: Context;
  /** When the installation of a component was begun, by component and template. */
  private readonly begun = new Map<string, number>();
  /** When the lie about a Management was begun, by its uid. */
  private readonly lied = new Map<string, number>();

  constructor(context: Context) {
    this.context = context;
  }

  async reconcile(management: Management): Promise<void> {
    const { client, world } = this.context;
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
    if (!world.releases.find(management.spec?.release ?? "")) return;
    await this.dropComponents(management);
    await writeStatus(client, MANAGEMENTS, { object: management, verdict: await this.judge(management) });
  }

  private async judge(management: Management): Promise<PlayedStatus> {
    const generation = management.metadata.generation ?? 1;
    if (this.isLying(management)) return { verdict: "management-premature-ready", facts: { generation } };
    const components: Record<string, ComponentStatus> = {};
    const available = new Set(["infrastructure-internal"]);
    const contracts: Record<string, Contracts> = {};
    for (const component of this.componentsOf(management)) {
      const template = this.context.world.providerTemplates.find(component.template ?? "");
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
    const facts = {
      generation,
      components,
      failing,
      availableProviders: [...available].sort(),
      capiContracts: contracts,
    };
    if (failing.length > 0) return { verdict: "progressing", facts };
    if (this.context.world.failures.has("management-never-ready")) return { verdict: "management-never-ready", facts };
    return { verdict: "ready", facts };
  }

  private isLying({ metadata: { uid = "" }, status }: Management): boolean {
    if (!this.context.world.failures.has("management-premature-ready")) {
      this.lied.delete(uid);
      return false;
    }
    // It is told of a fresh installation only.
    if (!this.lied.has(uid)) this.lied.set(uid, Object.keys(status?.components ?? {}).length > 0 ? 0 : Date.now());
    const left = (this.lied.get(uid) ?? 0) + PREMATURE - Date.now();
    if (left > 0) this.context.again(left);
    return left > 0;
  }

  private componentsOf({ spec }: Management): Component[] {
    const release = this.context.world.releases.find(spec?.release ?? "")?.spec;
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
    component: Component,
    { management, components }: { management: Management; components: Record<string, ComponentStatus> },
  ): Promise<string> {
    const { world, namespace } = { world: this.context.world, namespace: this.context.world.namespace };
    const dependency = component.name === "kcm" ? undefined : component.name === "capi" ? "kcm" : "capi";
    if (dependency && !components[dependency]?.success)
      return `Some dependencies are not ready yet. Waiting for ${dependency}`;
    const template = world.providerTemplates.find(component.template ?? "");
    if (!template) {
      return `Failed to get ProviderTemplate ${component.template}: ProviderTemplate.k0rdent.mirantis.com "${component.template}" not found`;
    }
    if (!template.status?.valid) return `Template ${component.template} is not marked as valid`;
    const release = world.releases.find(management.spec?.release ?? "");
    if (release?.metadata.annotations?.[REMOVED]) {
      return `HelmRelease ${namespace}/${component.name} is not yet ready: could not get Source object: HelmChart.source.toolkit.fluxcd.io "${component.template}" not found`;
    }
    const installed = management.status?.components?.[component.name]?.success === true;
    const key = `${management.metadata.uid}/${component.name}/${component.template}`;
    const since = this.begun.get(key) ?? (installed ? 0 : Date.now());
    this.begun.set(key, since);
    const error =
      component.name === "kcm"
        ? await installOwnRelease(this.context, management)
        : await this.applyProvider(component, chartOf(template.spec?.helm ?? {}));
    if (error) return error;
    const left = since + INSTALL - Date.now();
    if (left <= 0) return "";
    this.context.again(left);
    return `HelmRelease ${namespace}/${component.name} Ready condition is not updated yet`;
  }

  /** Applies a provider's chart when it is one of ours, and looks whether its provider is ready. */
  private async applyProvider({ name, config }: Component, chart: string): Promise<string> {
    const { client, inventory, charts, helm, directory, world } = this.context;
    if (chart !== "cluster-api-provider-nutanix") return "";
    const namespace = world.namespace;
    const hash = createHash("sha256")
      .update(JSON.stringify([chart, config]))
      .digest("hex");
    try {
      if (inventory.read(namespace, name)?.hash !== hash) {
        const server = await serverOf(client);
        const objects = await render({
          helm,
          chart: join(charts, chart),
          release: name,
          namespace,
          values: config,
          directory,
          server,
        });
        await inventory.apply({ release: name, namespace, objects, hash });
      }
    } catch (error) {
      this.context.again(1_000);
      return `HelmRelease ${namespace}/${name} is not yet ready: Helm install failed for release ${namespace}/${name}: ${(error as Error).message}`;
    }
    return this.providerFault(namespace);
  }

  private async providerFault(namespace: string): Promise<string> {
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
      this.context.again(300);
      return `InfrastructureProvider is not yet ready: condition Ready is in status False: secrets "${metadata.name}" not found`;
    }
    const ready = provider?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    if (!ready) this.context.again(100);
    return ready ? "" : "InfrastructureProvider is not yet ready: status is not updated yet";
  }

  /** Takes away what a component brought that the spec names no longer. */
  private async dropComponents({ spec, status }: Management): Promise<void> {
    const { inventory, world, log } = this.context;
    const names = new Set(["kcm", "capi", ...(spec?.providers ?? []).map(({ name }) => name)]);
    for (const name of Object.keys(status?.components ?? {})) {
      if (names.has(name) || !inventory.read(world.namespace, name)) continue;
      log(`component ${name} left Management`);
      await inventory.remove(world.namespace, name);
    }
  }

  /** Un-installs all that kcm manages, its chart sources too, then lets go of the Management. */
  private async remove(management: Management): Promise<void> {
    const { client, inventory, world, log } = this.context;
    if (!management.metadata.finalizers?.includes(FINALIZER)) return;
    for (const { name } of management.spec?.providers ?? []) {
      if (await inventory.remove(world.namespace, name)) continue;
      this.context.again(100);
      return;
    }
    const managed = `${listPath(HELM_REPOSITORIES)}?labelSelector=${encodeURIComponent(`${MANAGED_LABEL}=true`)}`;
    const list = await client.list(managed).catch((error) => {
      if (isGone(error)) return { items: [] };
      throw error;
    });
    for (const object of list.items ?? []) await client.delete(pathOf(HELM_REPOSITORIES, object));
    await removeOwnRelease(this.context);
    await markRemoved(client, world);
    const finalizers = management.metadata.finalizers.filter((name) => name !== FINALIZER);
    await client.merge(pathOf(MANAGEMENTS, management), { metadata: { finalizers } });
    log(`Management ${management.metadata.name} is gone with what it managed`);
  }
}

/** Whether kcm plays ClusterDeployments: it begins with the first success of Sveltos. */
export function deploysClusters({ management }: Informers): boolean {
  return management?.status?.components?.[SVELTOS]?.success === true;
}
