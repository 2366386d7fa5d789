/** Which object names which: whose cluster an object is, and the picture of them. */
import { clusterNames } from "../../manifests/names.ts";
import { at, text } from "../../policy/rules/plain-values.ts";
import type { Edge, Node } from "./model.ts";
import type { ObjectDiff } from "./object-diffs.ts";
import type { PlainObject } from "./rendered-objects.ts";

/** `Kind name`: all of a stack's objects stand in one namespace, or in none. */
export function idOf(kind: string, name: string): string {
  return `${kind} ${name}`;
}

/** Objects that an object names. */
export function namedBy(object: PlainObject): string[] {
  const named = (kind: string, name: unknown) => (text(name) ? [idOf(kind, String(name))] : []);
  const { name } = object.metadata;
  switch (object.kind) {
    case "ClusterDeployment": {
      const config = at(object, "spec", "config");
      return [
        ...named("Credential", at(object, "spec", "credential")),
        ...named("Secret", at(config, "nutanix", "prismCentral", "credentialSecretName")),
        ...named("ConfigMap", at(config, "nutanix", "prismCentral", "additionalTrustBundleConfigMapName")),
        ...named("Secret", at(config, "encryptionAtRest", "secretName")),
        ...named("ClusterTemplate", at(object, "spec", "template")),
      ];
    }
    case "Credential": {
      const identity = at(object, "spec", "identityRef", "name");
      return [...named("Secret", identity), ...named("ConfigMap", identity && `${identity}-resource-template`)];
    }
    default:
      return RELEASES[idOf(object.kind, name)] ?? [];
  }
}

/** What the stack's own parts rest on. */
const RELEASES: Readonly<Record<string, string[]>> = {
  "Management kcm": ["Release kcm", "Release nutanix-capx"],
  "Release kcm": ["Namespace kcm-system"],
  "Release nutanix-capx": ["Secret nutanix-creds", "ConfigMap nutanix-charts"],
};

/** Name of the cluster that each object belongs to, by its id; objects of several or of no cluster are not among them. */
export function owners(pairs: readonly ObjectDiff[]): Map<string, string> {
  const found = new Map<string, Set<string>>();
  const objects = new Map<string, PlainObject[]>();
  for (const { before, after } of pairs) {
    for (const object of [before, after]) {
      if (object === undefined) continue;
      const id = idOf(object.kind, object.metadata.name);
      objects.set(id, [...(objects.get(id) ?? []), object]);
    }
  }
  const claim = (id: string, cluster: string) => {
    if (!objects.has(id) || found.get(id)?.has(cluster)) return;
    found.set(id, (found.get(id) ?? new Set()).add(cluster));
    for (const object of objects.get(id) ?? []) for (const named of namedBy(object)) claim(named, cluster);
  };
  for (const [id, [object]] of objects) {
    if (object?.kind !== "ClusterDeployment") continue;
    const { name } = object.metadata;
    claim(id, name);
    // The Credential's name is unknown in a first preview of a cluster.
    claim(idOf("Credential", clusterNames(name).credential), name);
  }
  return new Map(
    [...found].flatMap(([id, [cluster, ...more]]) => (cluster && more.length === 0 ? [[id, cluster]] : [])),
  );
}

/** The picture's nodes and edges: objects of `clusters`, and the stack's own. */
export function graphOf(pairs: readonly ObjectDiff[], clusters: ReadonlySet<string>): { nodes: Node[]; edges: Edge[] } {
  const owner = owners(pairs);
  const nodes = new Map<string, Node>();
  const edges: Edge[] = [];
  for (const { operation, before, after } of pairs) {
    const object = after ?? before;
    if (object === undefined) continue;
    const id = idOf(object.kind, object.metadata.name);
    const cluster = owner.get(id);
    if (cluster !== undefined && !clusters.has(cluster)) continue;
    nodes.set(id, { id, label: id, operation, ...(cluster === undefined ? {} : { cluster }) });
    for (const to of namedBy(object)) edges.push({ from: id, to });
  }
  // ClusterTemplates come with the release of the charts: the stack itself registers none.
  for (const { to } of [...edges]) {
    if (!to.startsWith("ClusterTemplate ") || nodes.has(to)) continue;
    nodes.set(to, { id: to, label: to, operation: "same" });
    edges.push({ from: to, to: "Release nutanix-capx" });
  }
  return { nodes: [...nodes.values()], edges: edges.filter(({ from, to }) => nodes.has(from) && nodes.has(to)) };
}
