import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { groupPath } from "../../kubernetes/kinds.ts";
import type { KubernetesObject, ObjectReference, OwnerReference } from "../../kubernetes/object.ts";
import { readJson, replaceFile } from "../tools/replace-file.ts";

/** One object that a release has applied. */
interface AppliedObject {
  path: string;
  /** Not deleted when a later revision does not contain it. */
  keep: boolean;
}

interface Revision {
  hash: string;
  revision: number;
  entries: AppliedObject[];
}

export interface ReleaseOptions {
  release: string;
  namespace: string;
  objects: readonly KubernetesObject[];
  /** Changes when the objects do. */
  hash: string;
  owner?: OwnerReference;
  annotations?: Readonly<Record<string, string>>;
}

/** What was applied for each release: what Helm keeps in its release Secrets, here in files beside the sandbox. */
export class RenderedObjects {
  private readonly client: KubernetesClient;
  private readonly folder: string;
  private readonly paths = new Map<string, { plural: string; namespaced: boolean }>();

  constructor(client: KubernetesClient, folder: string) {
    this.client = client;
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  read(namespace: string, release: string): Revision | undefined {
    return readJson(this.fileOf(namespace, release)) as Revision | undefined;
  }

  /** Applies all objects and removes those of the revision before that are not among them. */
  async apply({ release, namespace, objects, hash, owner, annotations }: ReleaseOptions): Promise<Revision> {
    const before = this.read(namespace, release);
    const entries: AppliedObject[] = [];
    for (const object of objects) {
      const path = await this.pathOf(object, namespace);
      if (path === undefined) throw new Error(`no matches for kind "${object.kind}" in version "${object.apiVersion}"`);
      const keep = object.metadata.annotations?.["helm.sh/resource-policy"] === "keep";
      // Before it is applied: the next pass knows what an interrupted one has left.
      entries.push({ path, keep });
      this.write(namespace, release, {
        hash: "",
        revision: before?.revision ?? 0,
        entries: merged(before?.entries ?? [], entries),
      });
      await this.put(path, {
        ...object,
        metadata: {
          ...object.metadata,
          labels: {
            ...object.metadata.labels,
            "helm.toolkit.fluxcd.io/name": release,
            "helm.toolkit.fluxcd.io/namespace": namespace,
          },
          annotations: { ...object.metadata.annotations, ...annotations },
          ...(owner && path.includes("/namespaces/") ? { ownerReferences: [owner] } : {}),
        },
      });
    }
    const dropped = (before?.entries ?? []).filter(
      ({ path, keep }) => !keep && !entries.some((entry) => isSame(entry.path, path)),
    );
    for (const { path } of dropped) await this.client.delete(path);
    const kept = (before?.entries ?? []).filter(({ keep }) => keep);
    const revision = { hash, revision: (before?.revision ?? 0) + 1, entries: merged(kept, entries) };
    this.write(namespace, release, revision);
    return revision;
  }

  /** Applies an object; merges it, as Helm does, where it was applied in another API version, whose fields the server does not know. */
  private async put(path: string, object: KubernetesObject): Promise<void> {
    await this.client.apply(object, { path }).catch(async (error: Error) => {
      if (!error.message.includes("failed to prune fields")) throw error;
      await this.client.merge(path, object);
    });
  }

  /** Removes the release's objects; true when none is left. */
  async remove(namespace: string, release: string): Promise<boolean> {
    const entries = this.read(namespace, release)?.entries ?? [];
    let left = 0;
    for (const { path } of [...entries].reverse()) {
      const object = await this.client.get(path);
      if (!object) continue;
      left++;
      if (!object.metadata.deletionTimestamp) await this.client.delete(path);
    }
    if (left === 0) rmSync(this.fileOf(namespace, release), { force: true });
    return left === 0;
  }

  /** Path of an object of any kind, in `namespace` where it names none itself; undefined where the API server lacks the kind. */
  async pathOf({ apiVersion, kind, metadata }: ObjectReference, namespace: string): Promise<string | undefined> {
    const root = groupPath(apiVersion);
    const key = `${apiVersion}/${kind}`;
    if (!this.paths.has(key)) {
      const list = await this.client.get<
        KubernetesObject & { resources: { kind: string; name: string; namespaced: boolean }[] }
      >(root);
      const found = list?.resources.find((resource) => resource.kind === kind && !resource.name.includes("/"));
      if (!found) return undefined;
      this.paths.set(key, { plural: found.name, namespaced: found.namespaced });
    }
    const { plural = "", namespaced = false } = this.paths.get(key) ?? {};
    return `${root}${namespaced ? `/namespaces/${metadata.namespace ?? namespace}` : ""}/${plural}/${metadata.name}`;
  }

  private write(namespace: string, release: string, revision: Revision): void {
    replaceFile(this.fileOf(namespace, release), JSON.stringify(revision), 0o600);
  }

  private fileOf(namespace: string, release: string): string {
    return join(this.folder, `${namespace}.${release}.json`);
  }
}

function merged(before: readonly AppliedObject[], now: readonly AppliedObject[]): AppliedObject[] {
  return [...before.filter(({ path }) => !now.some((entry) => isSame(entry.path, path))), ...now];
}

/** Whether two paths are one object's: in another API version of its group it is the same. */
function isSame(one: string, other: string): boolean {
  const versionless = (path: string) => path.replace(/^(\/apis\/[^/]+)\/[^/]+/, "$1");
  return versionless(one) === versionless(other);
}
