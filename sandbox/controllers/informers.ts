import type { KubernetesClient } from "../../kubernetes/client.ts";
import { groupOf, KINDS, type ResourceKind } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { Cache } from "./cache.ts";
import type { InjectedFailure } from "./failures.ts";
import type {
  CapiCluster,
  ClusterDeployment,
  ClusterTemplate,
  Credential,
  Deployment,
  HelmRelease,
  ManagementObject,
  ProviderInterface,
  ProviderTemplate,
  Release,
  SimulatedMultiClusterService,
  SimulatedServiceTemplate,
  TemplateChain,
} from "./simulated-kinds.ts";

export const CONTROLLER = "kcm-controller-manager";
export const COMPONENT_LABEL = "k0rdent.mirantis.com/component";
export const MANAGED_LABEL = "k0rdent.mirantis.com/managed";

export interface InformersOptions {
  client: KubernetesClient;
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
  readonly serviceTemplates: Cache<SimulatedServiceTemplate>;
  readonly serviceChains: Cache<TemplateChain>;
  readonly multiClusterServices: Cache<SimulatedMultiClusterService>;
  readonly clusterDeployments: Cache<ClusterDeployment>;
  readonly clusters: Cache<CapiCluster>;
  /** Of these three the metadata alone. */
  readonly nutanixClusters: Cache;
  readonly secrets: Cache;
  readonly configMaps: Cache;
  private readonly caches: Cache<KubernetesObject>[];

  constructor({ client, onChange, signal }: InformersOptions) {
    this.crds = new Cache(client, KINDS.CustomResourceDefinition, { onChange, metadata: true });
    const caches: Cache<KubernetesObject>[] = [this.crds];
    const cache = <T extends KubernetesObject>(resource: ResourceKind, options?: { metadata: boolean }): Cache<T> => {
      const made = new Cache<T>(client, resource, { onChange, ...options });
      const group = groupOf(resource.apiVersion);
      const crd = `${resource.plural}.${group}`;
      const builtIn = !group.includes(".");
      void made.run(signal, () => builtIn || this.crds.find(crd) !== undefined);
      caches.push(made as unknown as Cache<KubernetesObject>);
      return made;
    };
    this.deployments = cache(KINDS.Deployment);
    this.helmReleases = cache(KINDS.HelmRelease);
    this.releases = cache(KINDS.Release);
    this.managements = cache(KINDS.Management);
    this.providerTemplates = cache(KINDS.ProviderTemplate);
    this.providerInterfaces = cache(KINDS.ProviderInterface);
    this.clusterTemplates = cache(KINDS.ClusterTemplate);
    this.chains = cache(KINDS.ClusterTemplateChain);
    this.credentials = cache(KINDS.Credential);
    this.serviceTemplates = cache(KINDS.ServiceTemplate);
    this.serviceChains = cache(KINDS.ServiceTemplateChain);
    this.multiClusterServices = cache(KINDS.MultiClusterService);
    this.clusterDeployments = cache(KINDS.ClusterDeployment);
    // Both lines serve it, and conditions look alike in all its versions.
    this.clusters = cache({ ...KINDS.Cluster, apiVersion: "cluster.x-k8s.io/v1beta1" });
    this.nutanixClusters = cache(KINDS.NutanixCluster, { metadata: true });
    this.secrets = cache(KINDS.Secret, { metadata: true });
    this.configMaps = cache(KINDS.ConfigMap, { metadata: true });
    this.caches = caches;
    void this.crds.run(signal);
  }

  /** Every cache has been filled once. */
  get synced(): boolean {
    return this.caches.every(({ synced }) => synced);
  }

  /**
   * Lists everything again, as a kcm that starts does. A watch that is older than a definition may go on to show objects
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
