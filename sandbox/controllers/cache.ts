import { ApiError, type Client, isGone, type KubeObject, pause, WATCH, type WatchEvent } from "./client.ts";
import { keyOf, listPath, type Resource } from "./played-kinds.ts";

const RETRY = 200;

/** What the API server has of one kind, kept up to date by a watch that survives the server and the kind itself. */
export class Cache<T extends KubeObject = KubeObject> {
  /** False until the first list; true with no items when the kind does not exist. */
  synced = false;
  /** Whether the API server knows the kind. */
  served = false;
  private readonly objects = new Map<string, T>();
  private readonly client: Client;
  private readonly resource: Resource;
  private readonly onChange: () => void;
  private readonly metadata: boolean;
  private cycle = new AbortController();

  constructor(client: Client, resource: Resource, options: { onChange: () => void; metadata?: boolean }) {
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

  /** Begins anew with a list, and is not synced until then. */
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
        if (isGone(error)) this.clear();
      }
      await pause(RETRY, signal);
    }
  }

  private async follow(signal: AbortSignal, ready: () => boolean): Promise<void> {
    const path = listPath(this.resource);
    const { metadata, items = [] } = await this.client.list(path, this.metadata);
    this.replace(items as T[]);
    let version = metadata.resourceVersion;
    while (!signal.aborted && ready()) {
      const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=${WATCH / 1000}&resourceVersion=${version}`;
      await this.client.watch(
        `${path}?${query}`,
        (event) => {
          version = event.object.metadata?.resourceVersion ?? version;
          this.handle(event);
        },
        { signal, metadata: this.metadata },
      );
    }
  }

  private handle({ type, object }: WatchEvent): void {
    if (type === "BOOKMARK") return;
    // The version that was asked for is too old: start again from a list.
    if (type === "ERROR") throw new ApiError(410, "the watch has ended");
    if (type === "DELETED") this.objects.delete(keyOf(object.metadata));
    else this.objects.set(keyOf(object.metadata), object as T);
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
