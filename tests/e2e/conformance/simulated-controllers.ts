import type { KubernetesClient } from "../../../kubernetes/client.ts";
import { groupOf, objectPath, pluralOf } from "../../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { Cache } from "../../../sandbox/controllers/cache.ts";
import { Trigger } from "../../../sandbox/controllers/trigger.ts";

/** An object of any kind: a simulation reads fields of many, which the API server has checked. */
export type AnyObject = KubernetesObject<any, any>;

export interface SimulationOptions {
  client: KubernetesClient;
  signal: AbortSignal;
  /** Receives what a reconcile throws. */
  log: (line: string) => void;
}

/** Simulates controllers: reconciles every object of its kinds whenever one of them changes, and from time to time. */
export class SimulatedControllers {
  readonly client: KubernetesClient;
  readonly #caches = new Map<string, Cache<AnyObject>>();
  readonly #done = new Set<string>();
  /** Last status of each object, by its UID. */
  readonly #written = new Map<string, string>();
  readonly #trigger = new Trigger();
  readonly #options: SimulationOptions;

  constructor(options: SimulationOptions) {
    this.client = options.client;
    this.#options = options;
  }

  /** Objects of a kind, kept up to date. */
  watch(apiVersion: string, kind: string): Cache<AnyObject> {
    const key = `${apiVersion}/${kind}`;
    const known = this.#caches.get(key);
    if (known) return known;
    const resource = { apiVersion, kind, apiVersions: [apiVersion], plural: pluralOf(kind), namespaced: true };
    const cache = new Cache<AnyObject>(this.client, resource, { onChange: () => this.#trigger.fire() });
    void cache.run(this.#options.signal);
    this.#caches.set(key, cache);
    return cache;
  }

  /** Calls each function for every object of its cache until the signal ends it. */
  async run(
    reconcilers: readonly (readonly [Cache<AnyObject>, (object: AnyObject) => Promise<void>])[],
  ): Promise<void> {
    const { signal, log } = this.#options;
    while (!signal.aborted) {
      for (const [cache, reconcile] of reconcilers) {
        await Promise.all(
          cache.items.map((object) =>
            reconcile(object).catch((error: Error) => {
              log(`${object.kind} ${object.metadata.namespace}/${object.metadata.name}: ${error.message}`);
              this.#trigger.fire(300);
            }),
          ),
        );
      }
      await this.#trigger.wait(1_000, signal);
    }
  }

  /** Writes the status, unless it wrote the same last: the server may have dropped fields that its version does not have. */
  async status(object: AnyObject, status: Readonly<Record<string, unknown>>): Promise<void> {
    const [uid = "", text] = [object.metadata.uid, JSON.stringify(status)];
    if (this.#written.get(uid) === text) return;
    await this.client.merge(`${objectPath(object)}/status`, { status });
    this.#written.set(uid, text);
  }

  /** Does something once for a key, until it succeeds. */
  async once(key: string, work: () => Promise<unknown>): Promise<void> {
    if (this.#done.has(key)) return;
    await work();
    this.#done.add(key);
  }

  async addFinalizer(object: AnyObject, finalizer: string): Promise<void> {
    const { finalizers = [], resourceVersion } = object.metadata;
    if (finalizers.includes(finalizer)) return;
    await this.client.merge(object, { metadata: { finalizers: [...finalizers, finalizer], resourceVersion } });
  }

  async removeFinalizer(object: AnyObject, finalizer: string): Promise<void> {
    const { finalizers = [], resourceVersion } = object.metadata;
    if (!finalizers.includes(finalizer)) return;
    const left = finalizers.filter((one) => one !== finalizer);
    await this.client.merge(object, { metadata: { finalizers: left, resourceVersion } });
  }
}

/** Name of the owner of a kind. */
export function ownerOf({ metadata }: AnyObject, kind: string): string | undefined {
  return metadata.ownerReferences?.find((one) => one.kind === kind && groupOf(one.apiVersion) === "cluster.x-k8s.io")
    ?.name;
}

export const CLUSTER_NAME = "cluster.x-k8s.io/cluster-name";
export const CORE = "cluster.x-k8s.io/v1beta1";
