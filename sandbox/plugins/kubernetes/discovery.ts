import type { ValueMap } from "../property-values.ts";

export interface Gvk {
  group: string;
  version: string;
  kind: string;
}

export interface ApiResource {
  /** "/api/v1" or "/apis/<group>/<version>" */
  base: string;
  plural: string;
  namespaced: boolean;
}

/** The API server does not know the kind (its CRD is missing). */
export class NoMatchError extends Error {
  constructor(gvk: Gvk) {
    const version = gvk.group ? `${gvk.group}/${gvk.version}` : gvk.version;
    super(`no matches for kind "${gvk.kind}" in version "${version}"`);
  }
}

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

interface GroupDiscovery {
  metadata?: { name?: string };
  versions: { version: string; resources?: ResourceDiscovery[] }[];
}
interface ResourceDiscovery {
  resource: string;
  scope: "Namespaced" | "Cluster";
  responseKind?: { kind: string };
}

type Get = (path: string, accept: string) => Promise<ValueMap>;

/** Which kinds the API server has; what charts of this run will bring is known by scope only. */
export class Discovery {
  readonly #get: Get;
  readonly #announced = new Map<string, boolean>();
  #resources: Promise<Map<string, ApiResource>> | undefined;
  #loadedAt = 0;

  constructor(get: Get) {
    this.#get = get;
  }

  /** Reads everything anew; fails when the server is out of reach or refuses the credentials. */
  async load(): Promise<void> {
    this.#resources = this.#read();
    this.#loadedAt = Date.now();
    await this.#resources;
  }

  /** @throws NoMatchError */
  async find(gvk: Gvk): Promise<ApiResource> {
    const found = (await this.#known()).get(key(gvk));
    if (found) {
      return found;
    }
    if (Date.now() - this.#loadedAt > 200) {
      await this.load();
    }
    const second = (await this.#known()).get(key(gvk));
    if (!second) {
      throw new NoMatchError(gvk);
    }
    return second;
  }

  /** Whether objects of the kind have a namespace; unknown kinds are taken to have one. */
  async isNamespaced(gvk: Gvk): Promise<boolean> {
    const known = await this.#known().catch(() => new Map<string, ApiResource>());
    return known.get(key(gvk))?.namespaced ?? this.#announced.get(`${gvk.group}/${gvk.kind}`) ?? true;
  }

  async has(gvk: Gvk): Promise<boolean> {
    return this.find(gvk).then(
      () => true,
      () => false,
    );
  }

  /** Remembers a CRD that is about to be installed. */
  announce(group: string, kind: string, namespaced: boolean): void {
    this.#announced.set(`${group}/${kind}`, namespaced);
  }

  #known(): Promise<Map<string, ApiResource>> {
    if (!this.#resources) {
      this.#loadedAt = Date.now();
      this.#resources = this.#read();
    }
    return this.#resources;
  }

  async #read(): Promise<Map<string, ApiResource>> {
    const [core, groups] = await Promise.all([this.#get("/api", AGGREGATED), this.#get("/apis", AGGREGATED)]);
    const known = new Map<string, ApiResource>();
    for (const group of [...items(core), ...items(groups)]) {
      const name = group.metadata?.name ?? "";
      for (const { version, resources } of group.versions) {
        const base = name ? `/apis/${name}/${version}` : `/api/${version}`;
        for (const { resource, scope, responseKind } of resources ?? []) {
          if (responseKind) {
            const gvk = { group: name, version, kind: responseKind.kind };
            known.set(key(gvk), { base, plural: resource, namespaced: scope === "Namespaced" });
          }
        }
      }
    }
    return known;
  }
}

function items(list: ValueMap): GroupDiscovery[] {
  return Array.isArray(list["items"]) ? (list["items"] as unknown as GroupDiscovery[]) : [];
}

function key(gvk: Gvk): string {
  return `${gvk.group}/${gvk.version}/${gvk.kind}`;
}
