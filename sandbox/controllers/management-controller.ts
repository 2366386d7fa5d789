import { KINDS } from "../../kubernetes/kinds.ts";
import { ComponentInstaller, type InstallStatus } from "./component-installer.ts";
import type { ControllerContext } from "./context.ts";
import { type Informers, MANAGED_LABEL } from "./informers.ts";
import { removeHelmReleases } from "./kcm-self-upgrade.ts";
import { ensureMetadata, removeFinalizer } from "./metadata.ts";
import { markRemoved, SVELTOS } from "./release-controller.ts";
import type { Contracts, ManagementComponent, ManagementObject } from "./simulated-kinds.ts";
import { type SimulatedStatus, writeStatus } from "./status-writer.ts";

export const FINALIZER = "k0rdent.mirantis.com/management";
/** How long the failure management-premature-ready reports Ready, in milliseconds. */
const PREMATURE = 3_000;

/** Simulates kcm's Management controller. */
export class ManagementController {
  private readonly context: ControllerContext;
  private readonly installer: ComponentInstaller;
  /** When a Management was first reported ready too early, by its uid. */
  private readonly prematureSince = new Map<string, number>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.installer = new ComponentInstaller(context);
  }

  async reconcile(management: ManagementObject): Promise<void> {
    const { client, informers } = this.context;
    if (management.metadata.deletionTimestamp) return this.remove(management);
    if (!(await ensureMetadata(client, management, FINALIZER))) return;
    if (!informers.releases.find(management.spec?.release ?? "")) return;
    await this.removeDroppedComponents(management);
    await writeStatus(client, management, await this.evaluate(management));
  }

  private async evaluate(management: ManagementObject): Promise<SimulatedStatus> {
    const generation = management.metadata.generation ?? 1;
    if (this.isPrematurelyReady(management)) return { name: "management-premature-ready", values: { generation } };
    const components: Record<string, InstallStatus> = {};
    const available = new Set(["infrastructure-internal"]);
    const contracts: Record<string, Contracts> = {};
    for (const component of this.componentsOf(management)) {
      const template = this.context.informers.providerTemplates.find(component.template ?? "");
      const error = await this.installer.install(component, { management, components });
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
    // Only of a fresh installation.
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

  /** Removes what a component installed that the spec names no longer. */
  private async removeDroppedComponents({ spec, status }: ManagementObject): Promise<void> {
    const { renderedObjects, informers, log } = this.context;
    const names = new Set(["kcm", "capi", ...(spec?.providers ?? []).map(({ name }) => name)]);
    for (const name of Object.keys(status?.components ?? {})) {
      if (names.has(name) || !renderedObjects.read(informers.namespace, name)) continue;
      log(`component ${name} left Management`);
      await renderedObjects.remove(informers.namespace, name);
    }
  }

  /** Uninstalls all that kcm manages, its chart sources too, then removes the finalizer. */
  private async remove(management: ManagementObject): Promise<void> {
    const { client, renderedObjects, informers, log } = this.context;
    if (!management.metadata.finalizers?.includes(FINALIZER)) return;
    for (const { name } of management.spec?.providers ?? []) {
      if (await renderedObjects.remove(informers.namespace, name)) continue;
      this.context.requeueAfter(100);
      return;
    }
    const managed = await client.list(KINDS.HelmRepository, { labelSelector: `${MANAGED_LABEL}=true` });
    for (const object of managed) await client.delete(object);
    await removeHelmReleases(this.context);
    await markRemoved(client, informers);
    await removeFinalizer(client, management, FINALIZER);
    log(`Management ${management.metadata.name}: deleted with what it managed`);
  }
}

/** Whether kcm reconciles ClusterDeployments: it starts with the first success of Sveltos. */
export function deploysClusters({ management }: Informers): boolean {
  return management?.status?.components?.[SVELTOS]?.success === true;
}
