import { type KubernetesObject, textAt } from "../kubernetes/object.ts";
import { CLUSTER_LABEL } from "../manifests/manifest.ts";
import type { Snapshot, SnapshotKind } from "./snapshot.ts";
import type { TreeNode } from "./tree-node.ts";

type Make = (object: KubernetesObject) => TreeNode;

/** Finds objects of a snapshot by name, by owner and by cluster, without going through all of them each time. */
export class Index {
  readonly #names = new Map<string, KubernetesObject>();
  readonly #owned = new Map<string, KubernetesObject[]>();
  readonly #clusters = new Map<string, KubernetesObject[]>();
  readonly #hidden: ReadonlySet<string>;

  constructor({ objects, gaps }: Snapshot) {
    this.#hidden = new Set(gaps.map(({ kind }) => kind));
    for (const object of Object.values(objects).flat()) {
      const { kind, metadata, spec } = object;
      this.#names.set(`${kind}/${metadata.name}`, object);
      for (const owner of metadata.ownerReferences ?? [])
        add(this.#owned, `${owner.kind}/${owner.name}/${kind}`, object);
      const cluster = textAt(spec, "clusterName") ?? metadata.labels?.[CLUSTER_LABEL];
      if (cluster !== undefined) add(this.#clusters, `${cluster}/${kind}`, object);
    }
  }

  /** The node of a referenced object, which may be missing or unreadable; none without a name. */
  reference(kind: SnapshotKind, name: string | undefined, make: Make): TreeNode[] {
    if (name === undefined) return [];
    const found = this.present(kind, name, make);
    if (found.length > 0) return found;
    if (this.#hidden.has(kind)) return [{ kind, name, state: "Unknown", detail: "not shown", children: [] }];
    const cause = { type: "NotFound", message: "is referenced, and does not exist" };
    return [{ kind, name, state: "NotFound", cause, detail: "", children: [] }];
  }

  /** The node of an object; none where it does not exist. */
  present(kind: SnapshotKind, name: string | undefined, make: Make): TreeNode[] {
    const found = name === undefined ? undefined : this.#names.get(`${kind}/${name}`);
    return found === undefined ? [] : [make(found)];
  }

  ownedBy({ kind, metadata }: KubernetesObject, owned: SnapshotKind): readonly KubernetesObject[] {
    return sorted(this.#owned.get(`${kind}/${metadata.name}/${owned}`));
  }

  ofCluster(cluster: string, kind: SnapshotKind): readonly KubernetesObject[] {
    return sorted(this.#clusters.get(`${cluster}/${kind}`));
  }
}

function add(map: Map<string, KubernetesObject[]>, key: string, object: KubernetesObject): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [object]);
  else list.push(object);
}

function sorted(objects: readonly KubernetesObject[] = []): KubernetesObject[] {
  return [...objects].sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
}
