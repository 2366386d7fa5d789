import { Cache } from "./cache.ts";
import type { Client, KubeObject } from "./client.ts";
import type { InjectedFailure } from "./failures.ts";
import {
  CLUSTER_DEPLOYMENTS,
  CLUSTER_TEMPLATES,
  type ClusterDeployment,
  type ClusterTemplate,
  CRDS,
  CREDENTIALS,
  type Credential,
  DEPLOYMENTS,
  type Deployment,
  HELM_RELEASES,
  type HelmRelease,
  MANAGEMENTS,
  type ManagementObject,
  PROVIDER_INTERFACES,
  PROVIDER_TEMPLATES,
  type ProviderInterface,
  type ProviderTemplate,
  RELEASES,
  type Release,
  type Resource,
  TEMPLATE_CHAINS,
  type TemplateChain,
} from "./played-kinds.ts";

export const CONTROLLER = "kcm-controller-manager";
export const COMPONENT_LABEL = "k0rdent.mirantis.com/component";
export const MANAGED_LABEL = "k0rdent.mirantis.com/managed";

export interface InformersOptions {
  client: Client;
  onChange: () => void;
  signal: AbortSignal;
}

/** What the controllers know: one cache a kind, each fed by a watch. */
export class Informers {
  failures: ReadonlySet<InjectedFailure> = new Set();
  readonly crds: Cache;
  readonly deployments: Cache<Deployment>;
  readonly helmReleases: Cache<HelmRelease>;
  readonly releases: Cache<Release>;
  readonly managements: Cache<ManagementObject>;
  readonly providerTemplates: Cache<ProviderTemplate>;
  readonly providerInterfaces: Cache<ProviderInterface>;
  readonly clusterTemplates: Cache<ClusterTemplate>;
  readonly chains: Cache<TemplateChain>;
  readonly credentials: Cache<Credential>;
  readonly clusterDeployments: Cache<ClusterDeployment>;
  private readonly caches: Cache<KubeObject>[];

  constructor({ client, onChange, signal }: InformersOptions) {
    this.crds = new Cache(client, CRDS, { onChange, metadata: true });
    const caches: Cache<KubeObject>[] = [this.crds];
    const cache = <T extends KubeObject>(resource: Resource): Cache<T> => {
      const made = new Cache<T>(client, resource, { onChange });
      const crd = `${resource.plural}.${resource.group}`;
      const builtIn = resource === DEPLOYMENTS;
      void made.run(signal, () => builtIn || this.crds.find(crd) !== undefined);
      caches.push(made as unknown as Cache<KubeObject>);
      return made;
    };
    this.deployments = cache(DEPLOYMENTS);
    this.helmReleases = cache(HELM_RELEASES);
    this.releases = cache(RELEASES);
    this.managements = cache(MANAGEMENTS);
    this.providerTemplates = cache(PROVIDER_TEMPLATES);
    this.providerInterfaces = cache(PROVIDER_INTERFACES);
    this.clusterTemplates = cache(CLUSTER_TEMPLATES);
    this.chains = cache(TEMPLATE_CHAINS);
    this.credentials = cache(CREDENTIALS);
    this.clusterDeployments = cache(CLUSTER_DEPLOYMENTS);
    this.caches = caches;
    void this.crds.run(signal);
  }

  /** Every cache has been filled once. */
  get synced(): boolean {
    return this.caches.every(({ synced }) => synced);
  }

  /**
   * Looks at everything anew, as a kcm that starts does. A watch that is older than a definition may go on to show objects
   * without the fields that the definition has got meanwhile.
   */
  restart(): void {
    for (const cache of this.caches) cache.restart();
  }

  /** kcm's kinds are served. */
  get hasKcmKinds(): boolean {
    return [this.releases, this.managements, this.providerTemplates, this.clusterDeployments].every(
      ({ served }) => served,
    );
  }

  /** kcm's Deployment while it has a running pod: without it no controller works, as with the real one. */
  get controller(): Deployment | undefined {
    return this.deployments.items.find(
      ({ metadata, status }) => metadata.name === CONTROLLER && (status?.availableReplicas ?? 0) > 0,
    );
  }

  get management(): ManagementObject | undefined {
    return this.managements.items[0];
  }

  /** Namespace of the controller, which is kcm's system namespace. */
  get namespace(): string {
    return this.controller?.metadata.namespace ?? "kcm-system";
  }
}
