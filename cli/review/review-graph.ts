/** References between objects: the cluster of each, and the graph. */
import { clusterNames } from "../../manifests/names.ts";
import { at, text } from "../../policy/rules/plain-values.ts";
import type { RenderedObject } from "../stack/render-stack.ts";
import type { ReviewEdge, ReviewNode } from "./model.ts";
import type { ObjectDiff } from "./object-diffs.ts";

/** `Kind name`: all objects of a stack are in one namespace, or in none. */
export function idOf(kind: string, name: string): string {
  return `${kind} ${name}`;
}

/** Objects that an object references. */
export function referencesOf(object: RenderedObject): string[] {
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

/** Dependencies of the stack's own objects. */
const RELEASES: Readonly<Record<string, string[]>> = {
  "Management kcm": ["Release kcm", "Release nutanix-capx"],
  "Release kcm": ["Namespace kcm-system"],
  "Release nutanix-capx": ["Secret nutanix-creds", "ConfigMap nutanix-charts"],
};

/** Clusters by object id; objects of several or of no cluster are left out. */
export function owners(diffs: readonly ObjectDiff[]): Map<string, string> {
  const found = new Map<string, Set<string>>();
  const objects = new Map<string, RenderedObject[]>();
  for (const { before, after } of diffs) {
    for (const object of [before, after]) {
      if (object === undefined) continue;
      const id = idOf(object.kind, object.metadata.name);
      objects.set(id, [...(objects.get(id) ?? []), object]);
    }
  }
  const claim = (id: string, cluster: string) => {
    if (!objects.has(id) || found.get(id)?.has(cluster)) return;
    found.set(id, (found.get(id) ?? new Set()).add(cluster));
    for (const object of objects.get(id) ?? []) for (const reference of referencesOf(object)) claim(reference, cluster);
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

/** Nodes and edges of `clusters` and of the stack's own objects. */
export function graphOf(
  diffs: readonly ObjectDiff[],
  clusters: ReadonlySet<string>,
): { nodes: ReviewNode[]; edges: ReviewEdge[] } {
  const owner = owners(diffs);
  const nodes = new Map<string, ReviewNode>();
  const edges: ReviewEdge[] = [];
  for (const { operation, before, after } of diffs) {
    const object = after ?? before;
    if (object === undefined) continue;
    const id = idOf(object.kind, object.metadata.name);
    const cluster = owner.get(id);
    if (cluster !== undefined && !clusters.has(cluster)) continue;
    nodes.set(id, { id, label: id, operation, ...(cluster === undefined ? {} : { cluster }) });
    for (const to of referencesOf(object)) edges.push({ from: id, to });
  }
  // The release of the charts creates ClusterTemplates: the stack registers none.
  for (const { to } of [...edges]) {
    if (!to.startsWith("ClusterTemplate ") || nodes.has(to)) continue;
    nodes.set(to, { id: to, label: to, operation: "same" });
    edges.push({ from: to, to: "Release nutanix-capx" });
  }
  return { nodes: [...nodes.values()], edges: edges.filter(({ from, to }) => nodes.has(from) && nodes.has(to)) };
}
