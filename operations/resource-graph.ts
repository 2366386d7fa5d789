/** Clusters as graphs of objects: living, from a chain, or planned, from what the program would write. */

import { at, type KubernetesObject, textAt } from "../kubernetes/object.ts";
import type { ReadinessCause, ReadinessStatus } from "../kubernetes/readiness.ts";
import { machineGroups } from "../manifests/machine-groups.ts";
import { clusterNames } from "../manifests/names.ts";
import { deployedCluster } from "./deployed-cluster.ts";
import type { ClusterTree } from "./resource-tree.ts";
import { servicesOf } from "./services.ts";
import type { TreeNode } from "./tree-node.ts";

/** `planned`: would be written by the program; `rendered`: would be made of it by kcm and Cluster API. */
export type GraphState = ReadinessStatus | "planned" | "rendered";

export interface GraphNode {
  /** `<kind>/<name>`. */
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly detail: string;
  readonly state: GraphState;
  readonly cause?: ReadinessCause;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
}

export interface Graph {
  readonly title: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** What runs: an object with several references is drawn once. */
export function livingGraph(title: string, chains: readonly ClusterTree[]): Graph {
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GraphEdge>();
  const visit = (node: TreeNode, parent: string | undefined): void => {
    const id = `${node.kind}/${node.name}`;
    const { kind, name, detail, state, cause } = node;
    nodes.set(id, { id, kind, name, detail, state, ...(cause === undefined ? {} : { cause }) });
    if (parent !== undefined) edges.set(`${parent} ${id}`, { from: parent, to: id });
    for (const child of node.children) visit(child, id);
  };
  for (const { root } of chains) visit(root, undefined);
  return { title, nodes: [...nodes.values()], edges: [...edges.values()] };
}

/** An object that the program would write, as far as it is read here. */
export interface PlannedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: unknown;
}

/** What the program would write for these clusters, and what kcm would make of each. */
export function plannedGraph(title: string, objects: readonly PlannedObject[], clusters: readonly string[]): Graph {
  const written = new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  const nodes = new Map<string, GraphNode>();
  const edges: GraphEdge[] = [];
  const add = (kind: string, name: string, detail = ""): string => {
    const id = `${kind}/${name}`;
    const state = written.has(id) ? "planned" : "rendered";
    if (!nodes.has(id)) nodes.set(id, { id, kind, name, detail, state });
    return id;
  };
  const link = (from: string, to: string) => edges.push({ from, to });
  const wanted = objects.filter(
    ({ kind, metadata }) => kind === "ClusterDeployment" && clusters.includes(metadata.name),
  );
  for (const object of wanted) {
    const { name } = object.metadata;
    const names = clusterNames(name);
    const deployment = add("ClusterDeployment", name, textAt(object.spec, "template"));
    link(deployment, add("ClusterTemplate", textAt(object.spec, "template") ?? ""));
    const credential = add("Credential", names.credential);
    link(deployment, credential);
    link(credential, add("Secret", names.identity));
    if (at(object.spec, "propagateCredentials") !== false) link(credential, add("ConfigMap", names.resourceTemplate));
    for (const service of servicesOf(object as KubernetesObject)) {
      const node = add("Service", `${name}/${service.name}`, service.template);
      link(deployment, node);
      link(node, add("ServiceTemplate", service.template));
    }
    for (const { from, node } of renderedParts(object)) link(from ?? deployment, add(...node));
  }
  return { title, nodes: [...nodes.values()], edges };
}

type Part = { readonly from?: string; readonly node: [kind: string, name: string, detail?: string] };

/** What kcm renders from the cluster's chart, by the names that the chart gives. */
function renderedParts(object: PlannedObject): Part[] {
  const cluster = deployedCluster(object);
  if (cluster === undefined) return [];
  const { name } = object.metadata;
  const { mode, k0s, controlPlaneNumber, nutanix } = cluster;
  const config = at(object.spec, "config");
  const planes = `${controlPlaneNumber} ${mode === "hcp" ? "replicas" : "machines"}, ${k0s.version}`;
  const { host, port } = nutanix.controlPlaneEndpoint;
  const root = `Cluster/${name}`;
  const infrastructure = `NutanixCluster/${name}`;
  const plane = mode === "hcp" ? "K0smotronControlPlane" : "K0sControlPlane";
  const named = (from: string, kind: string, found: string | undefined): Part[] =>
    found === undefined ? [] : [{ from, node: [kind, found] }];
  return [
    { node: ["Cluster", name] },
    { from: root, node: ["NutanixCluster", name, `${host}:${port}`] },
    ...named(infrastructure, "Secret", textAt(config, "nutanix", "prismCentral", "credentialSecretName")),
    ...named(
      infrastructure,
      "ConfigMap",
      textAt(config, "nutanix", "prismCentral", "additionalTrustBundleConfigMapName"),
    ),
    { from: root, node: [plane, `${name}-${mode}-cp`, planes] },
    ...named(`${plane}/${name}-${mode}-cp`, "Secret", textAt(config, "encryptionAtRest", "secretName")),
    { from: root, node: ["Secret", clusterNames(name).kubeconfig] },
    ...machineGroups(cluster)
      .filter(({ role, count }) => role === "worker" && count > 0)
      .map(
        (group): Part => ({
          from: root,
          node: ["MachineDeployment", `${name}-${group.name}`, `${group.count} machines`],
        }),
      ),
  ];
}
