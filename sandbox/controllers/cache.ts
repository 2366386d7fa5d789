import type { KubernetesClient, WatchEvent } from "../../kubernetes/client.ts";
import { ApiError, isNotFound } from "../../kubernetes/errors.ts";
import { listPath, type ResourceKind } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { pause } from "../../kubernetes/wait.ts";
import { keyOf } from "./simulated-kinds.ts";

const RETRY = 200;

/** What the API server has of one kind, kept up to date by a watch that survives the server and the kind itself. */
export class Cache<T extends KubernetesObject = KubernetesObject> {
  /** False until the first list; true with no items when the kind does not exist. */
  synced = false;
  /** Whether the API server knows the kind. */
  served = false;
  private readonly objects = new Map<string, T>();
  private readonly client: KubernetesClient;
  private readonly resource: ResourceKind;
  private readonly onChange: () => void;
  private readonly metadata: boolean;
  private cycle = new AbortController();

  constructor(client: KubernetesClient, resource: ResourceKind, options: { onChange: () => void; metadata?: boolean }) {
    this.client = client;
    this.resource = resource;
    this.onChange = options.onChange;
    this.metadata = options.metadata ?? false;
  }

  get items(): T[] {
    return [...this.objects.values()];
  }

  find(name: string, namespace?: string): T | undefined {
    return this.objects.get(keyOf({ namespace, name }));
  }

  /** Restarts with a list, and is not synced until then. */
  restart(): void {
    this.synced = false;
    this.cycle.abort();
  }

  /** Lists and watches until the signal ends it. `ready` holds it back while its kind cannot be there. */
  async run(signal: AbortSignal, ready: () => boolean = () => true): Promise<void> {
    while (!signal.aborted) {
      this.cycle = new AbortController();
      try {
        if (ready()) await this.follow(AbortSignal.any([signal, this.cycle.signal]), ready);
        else this.clear();
      } catch (error) {
        if (isNotFound(error)) this.clear();
      }
      await pause(RETRY, signal);
    }
  }

  private async follow(signal: AbortSignal, ready: () => boolean): Promise<void> {
    const list = await this.client.listWithVersion<T>(this.resource, { metadataOnly: this.metadata });
    if (list === undefined) return this.clear();
    this.replace(list.items);
    let version = list.resourceVersion;
    while (!signal.aborted && ready()) {
      await this.client.watch(
        listPath(this.resource),
        (event) => {
          version = event.object.metadata?.resourceVersion ?? version;
          this.handle(event);
        },
        { signal, metadataOnly: this.metadata, resourceVersion: version },
      );
    }
  }

  /** What a watch of metadata has in place of the object's own. */
  private get type(): { apiVersion: string; kind: string } {
    const { apiVersion, kind } = this.resource;
    return { apiVersion, kind };
  }

  private handle({ type, object }: WatchEvent): void {
    if (type === "BOOKMARK") return;
    // The requested version is too old: start again from a list.
    if (type === "ERROR") throw new ApiError(410, "the watch has ended");
    if (type === "DELETED") this.objects.delete(keyOf(object.metadata));
    else this.objects.set(keyOf(object.metadata), { ...object, ...this.type } as T);
    this.onChange();
  }

  private replace(items: readonly T[]): void {
    this.objects.clear();
    for (const item of items) this.objects.set(keyOf(item.metadata), item);
    this.synced = true;
    this.served = true;
    this.onChange();
  }

  private clear(): void {
    const changed = this.objects.size > 0 || !this.synced || this.served;
    this.objects.clear();
    this.synced = true;
    this.served = false;
    if (changed) this.onChange();
  }
}
