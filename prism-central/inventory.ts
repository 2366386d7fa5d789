/** What a Prism Central has, read by the v4 API. */
import { at, integer, list, text } from "./answer.ts";
import { PrismCentralError } from "./prism-central-error.ts";
import {
  type Gpu,
  type Image,
  type NamedEntity,
  type PrismElement,
  type PrismHost,
  type StorageContainer,
  type Subnet,
  string,
  toEntity,
  toGpu,
  toSubnet,
  toVirtualMachine,
  type VirtualMachine,
} from "./prism-entities.ts";
import { FIRST_WITH_V4, isAtLeast } from "./prism-version.ts";
import { PromiseCache } from "./promise-cache.ts";
import type { PrismSession } from "./session.ts";

const ACTIVE = "(status eq Prism.Config.TaskStatus'RUNNING' or status eq Prism.Config.TaskStatus'QUEUED')";
const DELETIONS = `${ACTIVE} and operation eq 'kImageDelete'`;
/** Minutes of measurements to read: Prism Central takes one every few. */
const WINDOW = 10;

/** Complete lists, all their pages, each read and converted once. Every method may throw a {@link PrismCentralError}. */
export class PrismInventory {
  readonly #session: PrismSession;
  readonly #cache = new PromiseCache();

  constructor(session: PrismSession) {
    this.#session = session;
  }

  prismElements(): Promise<readonly PrismElement[]> {
    return this.#list("clusters", "/api/clustermgmt/v4.0/config/clusters", (cluster) => ({
      ...toEntity(cluster),
      isPrismElement: list(at(cluster, "config", "clusterFunction")).includes("AOS"),
    }));
  }

  subnets(): Promise<readonly Subnet[]> {
    return this.#list("subnets", "/api/networking/v4.0/config/subnets", toSubnet);
  }

  images(): Promise<readonly Image[]> {
    return this.#list("images", "/api/vmm/v4.0/content/images", (image) => ({
      ...toEntity(image),
      bytes: integer(at(image, "sizeBytes")),
    }));
  }

  /** UUIDs of images that are being deleted. */
  async imagesBeingDeleted(): Promise<ReadonlySet<string>> {
    const path = `/api/prism/v4.0/config/tasks?$filter=${encodeURIComponent(DELETIONS)}`;
    const affected = await this.#list("tasks", path, (task) => list(at(task, "entitiesAffected")));
    return new Set(affected.flat().map((one) => string(one, "extId")));
  }

  projects(): Promise<readonly NamedEntity[]> {
    return this.#cache.once("projects", async () =>
      (await listProjectsV3(this.#session)).map((project) => ({
        uuid: string(project, "metadata", "uuid"),
        name: text(at(project, "spec", "name")) ?? string(project, "status", "name"),
      })),
    );
  }

  async hasCategory(key: string, value: string): Promise<boolean> {
    return (await this.categoryValues(key)).includes(value);
  }

  /** All values of a category's key; none where there is no such key. */
  async categoryValues(key: string): Promise<readonly string[]> {
    const categories = await this.#list("categories", "/api/prism/v4.0/config/categories", (category) => ({
      key: string(category, "key"),
      value: string(category, "value"),
    }));
    return categories.filter((category) => category.key === key).map(({ value }) => value);
  }

  virtualMachines(): Promise<readonly VirtualMachine[]> {
    return this.#list("virtual machines", "/api/vmm/v4.0/ahv/config/vms", toVirtualMachine);
  }

  hosts(): Promise<readonly PrismHost[]> {
    return this.#list("hosts", "/api/clustermgmt/v4.0/config/hosts", (host) => ({
      prismElement: text(at(host, "cluster", "uuid")),
      memoryBytes: integer(at(host, "memorySizeBytes")) ?? 0,
      cores: integer(at(host, "numberOfCpuCores")),
      threads: integer(at(host, "numberOfCpuThreads")),
    }));
  }

  storageContainers(): Promise<readonly StorageContainer[]> {
    return this.#list("storage containers", "/api/clustermgmt/v4.0/config/storage-containers", (container) => ({
      uuid: string(container, "containerExtId"),
      name: string(container, "name"),
      prismElement: text(at(container, "clusterExtId")),
      isInternal: at(container, "isInternal") === true,
    }));
  }

  /** Free bytes of a storage container, by its UUID; undefined where Prism Central has not measured it. */
  freeBytes(storageContainer: string): Promise<number | undefined> {
    return this.#cache.once(`free bytes ${storageContainer}`, async () => {
      const [start, end] = [Date.now() - WINDOW * 60_000, Date.now()].map((time) => new Date(time).toISOString());
      const query = `$startTime=${start}&$endTime=${end}&$statType=LAST`;
      const path = `/api/clustermgmt/v4.0/stats/storage-containers/${storageContainer}?${query}`;
      return newest(list(at(await this.#session.get("storage containers", path), "data", "storageFreeBytes")));
    });
  }

  async gpus(prismElement: string): Promise<readonly Gpu[]> {
    const ofKind = (kind: "physical" | "virtual") => {
      const path = `/api/clustermgmt/v4.0/config/clusters/${prismElement}/${kind}-gpu-profiles`;
      return this.#list("GPUs", path, (profile) => toGpu(at(profile, `${kind}GpuConfig`)));
    };
    return (await Promise.all([ofKind("physical"), ofKind("virtual")])).flat();
  }

  #list<T>(what: string, path: string, convert: (item: unknown) => T): Promise<readonly T[]> {
    return this.#cache.once(path, async () => {
      await this.#requireV4();
      return (await listV4(this.#session, what, path)).map(convert);
    });
  }

  /** One that does not report its version, or reports one without numbers, is a new one. */
  async #requireV4(): Promise<void> {
    await this.#session.login();
    const version = await this.#session.version().catch(() => undefined);
    if (version === undefined || isAtLeast(version, FIRST_WITH_V4) !== false) return;
    const reason = `${this.#session.address} runs ${version.text}, which has no v4 API`;
    throw new PrismCentralError(reason, "upgrade Prism Central");
  }
}

/** The last of values with times, in any order. */
function newest(values: readonly unknown[]): number | undefined {
  const times = values.map((one) => Date.parse(string(one, "timestamp")) || 0);
  return integer(at(values[times.indexOf(Math.max(...times))], "value"));
}

/** The most that both APIs return in one page. */
const PAGE = 100;

/** All entities of a v4 list. `what` is in the plural. */
function listV4(session: PrismSession, what: string, path: string): Promise<unknown[]> {
  const query = `${path}${path.includes("?") ? "&" : "?"}`;
  return allPages(session, what, (number) => session.get(what, `${query}$page=${number}&$limit=${PAGE}`));
}

/** All projects, which have no v4 API: CAPX reads them by v3 too. */
function listProjectsV3(session: PrismSession): Promise<unknown[]> {
  const path = "/api/nutanix/v3/projects/list";
  return allPages(session, "projects", (number) =>
    session.list("projects", path, { kind: "project", length: PAGE, offset: number * PAGE }),
  );
}

/** The first page has the total; the others are requested in parallel. */
async function allPages(
  { address }: PrismSession,
  what: string,
  read: (number: number) => Promise<unknown>,
): Promise<unknown[]> {
  const page = async (number: number) => {
    const body = await read(number);
    if (body !== undefined)
      return { items: list(at(body, "data") ?? at(body, "entities")), metadata: at(body, "metadata") };
    const missing = number === 0 ? `list of ${what}` : `page ${number + 1} of ${what}`;
    throw new PrismCentralError(`${address} has no ${missing}`);
  };
  const first = await page(0);
  const reported = integer(at(first.metadata, "totalAvailableResults") ?? at(first.metadata, "total_matches"));
  const total = reported ?? first.items.length;
  const more = Array.from({ length: Math.max(0, Math.ceil(total / PAGE) - 1) }, (_, index) => page(index + 1));
  const items = [first, ...(await Promise.all(more))].flatMap((one) => one.items);
  if (items.length >= total) return items;
  throw new PrismCentralError(`${address} reports ${total} ${what} and returns ${items.length}`, "run it again");
}
