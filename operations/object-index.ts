import type { KindName } from "./kinds.ts";
import { type LiveObject, textAt } from "./live-object.ts";
import type { TreeNode } from "./resource-tree.ts";
import type { Snapshot } from "./snapshot.ts";

const CLUSTER_LABEL = "cluster.x-k8s.io/cluster-name";

type Make = (object: LiveObject) => TreeNode;

/** Finds objects of a snapshot by name, by owner and by cluster, without going through all of them each time. */
export class Index {
  readonly #names = new Map<string, LiveObject>();
  readonly #owned = new Map<string, LiveObject[]>();
  readonly #clusters = new Map<string, LiveObject[]>();
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

  /** What something names: its node, or one that says that it is missing, or not shown. Nothing where no name is given. */
  reference(kind: KindName, name: string | undefined, make: Make): TreeNode[] {
    if (name === undefined) return [];
    const found = this.present(kind, name, make);
    if (found.length > 0) return found;
    if (this.#hidden.has(kind)) return [{ kind, name, state: "unknown", detail: "not shown", children: [] }];
    const cause = { type: "missing", message: "is named, and not there" };
    return [{ kind, name, state: "missing", cause, detail: "", children: [] }];
  }

  /** The node of what is there; nothing where it is not. */
  present(kind: KindName, name: string | undefined, make: Make): TreeNode[] {
    const found = name === undefined ? undefined : this.#names.get(`${kind}/${name}`);
    return found === undefined ? [] : [make(found)];
  }

  ownedBy({ kind, metadata }: LiveObject, owned: KindName): readonly LiveObject[] {
    return sorted(this.#owned.get(`${kind}/${metadata.name}/${owned}`));
  }

  ofCluster(cluster: string, kind: KindName): readonly LiveObject[] {
    return sorted(this.#clusters.get(`${cluster}/${kind}`));
  }
}

function add(map: Map<string, LiveObject[]>, key: string, object: LiveObject): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [object]);
  else list.push(object);
}

function sorted(objects: readonly LiveObject[] = []): LiveObject[] {
  return [...objects].sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
}
