import { createHash } from "node:crypto";
import { join } from "node:path";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { ControllerContext } from "./context.ts";
import { render, serverForLookups } from "./helm-renderer.ts";
import { upgradeKcm } from "./kcm-self-upgrade.ts";
import { REMOVED } from "./release-controller.ts";
import type { ManagementComponent, ManagementObject } from "./simulated-kinds.ts";
import { chartOf } from "./template-controller.ts";

/** How long a component takes to install, in milliseconds. */
const INSTALL = 250;

export interface InstallStatus {
  success: boolean;
  error: string | null;
  template: string;
  exposedProviders?: string[];
}

/** Installs the components that a Management names. */
export class ComponentInstaller {
  private readonly context: ControllerContext;
  /** When the installation of a component started, by component and template. */
  private readonly installStarted = new Map<string, number>();

  constructor(context: ControllerContext) {
    this.context = context;
  }

  /** Continues the installation of a component; returns why it is not ready, in kcm's words. */
  async install(
    component: ManagementComponent,
    { management, components }: { management: ManagementObject; components: Record<string, InstallStatus> },
  ): Promise<string> {
    const { informers } = this.context;
    const { namespace } = informers;
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

  /** Applies a provider's chart when it is one of ours, and checks whether its provider is ready. */
  private async applyProvider({ name, config }: ManagementComponent, chart: string): Promise<string> {
    const { renderedObjects, charts, helm, directory, informers } = this.context;
    if (chart !== "cluster-api-provider-nutanix") return "";
    const namespace = informers.namespace;
    const hash = createHash("sha256")
      .update(JSON.stringify([chart, config]))
      .digest("hex");
    try {
      if (renderedObjects.read(namespace, name)?.hash !== hash) {
        const server = await serverForLookups(this.context);
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
    const { client, informers } = this.context;
    const path = `/apis/operator.cluster.x-k8s.io/v1alpha2/namespaces/${namespace}/infrastructureproviders/nutanix`;
    const provider =
      await client.get<
        KubernetesObject<
          { configSecret?: { name: string; namespace?: string } },
          { conditions?: { type: string; status: string }[] }
        >
      >(path);
    const secret = provider?.spec?.configSecret;
    if (secret && !informers.secrets.find(secret.name, secret.namespace ?? namespace)) {
      this.context.requeueAfter(300);
      return `InfrastructureProvider is not yet ready: condition Ready is in status False: secrets "${secret.name}" not found`;
    }
    const ready = provider?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    if (!ready) this.context.requeueAfter(100);
    return ready ? "" : "InfrastructureProvider is not yet ready: status is not updated yet";
  }
}
