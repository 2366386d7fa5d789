/** Trees of a snapshot: the objects of each cluster, their readiness, and the root cause where one is not ready. */

import { conditionsOf } from "../kubernetes/conditions.ts";
import { type KubernetesObject, textAt } from "../kubernetes/object.ts";
import { type ReadinessStatus, readiness } from "../kubernetes/readiness.ts";
import { withoutNames } from "../kubernetes/without-names.ts";
import { clusterNames } from "../manifests/names.ts";
import { Index } from "./object-index.ts";
import { type ServiceState, servicesOf } from "./services.ts";
import type { Snapshot, SnapshotKind } from "./snapshot.ts";
import { summarize } from "./summary.ts";
import type { TreeNode } from "./tree-node.ts";

export interface ClusterTree {
  readonly name: string;
  readonly namespace: string;
  /** `Degraded`: the cluster is ready, and something below it is not. */
  readonly state: ReadinessStatus | "Degraded";
  readonly root: TreeNode;
  /** From the root down to the object that blocks the cluster; empty where none does. */
  readonly blockedBy: readonly TreeNode[];
}

/** Sorts clusters that are not ready before the others. */
export function compareByNeed(one: Pick<ClusterTree, "state">, other: Pick<ClusterTree, "state">): number {
  return Number(one.state === "Current") - Number(other.state === "Current");
}

/** What blocks a cluster, without its own name: equal for clusters that need the same done. Undefined: nothing known. */
export function blockingKey({ name, state, blockedBy }: ClusterTree): string | undefined {
  const { kind, name: blocking, cause } = blockedBy.at(-1) ?? {};
  if (cause === undefined) return undefined;
  return withoutNames([state, kind, blocking, cause.type, cause.reason, cause.message].join(), [name]);
}

/** One tree for each cluster of the snapshot, by name. */
export function clusterTrees(snapshot: Snapshot): ClusterTree[] {
  const index = new Index(snapshot);
  const { ClusterDeployment, Cluster } = snapshot.objects;
  const deployed = new Set(ClusterDeployment.map(({ metadata }) => metadata.name));
  const roots = [
    ...ClusterDeployment.map((object) => deploymentNode(index, object)),
    // A Cluster without its ClusterDeployment still has machines.
    ...Cluster.filter(({ metadata }) => !deployed.has(metadata.name)).map((object) => clusterNode(index, object)),
  ];
  return roots
    .map((root) => {
      const blockedBy = rootCausePath(root);
      const isDegraded = root.state === "Current" && blockedBy.length > 0;
      const state: ClusterTree["state"] = isDegraded ? "Degraded" : root.state;
      return { name: root.name, namespace: snapshot.namespace, state, root, blockedBy };
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Management with its providers' templates and CAPX's installation; undefined where it does not exist or is unreadable. */
export function platformTree(snapshot: Snapshot): TreeNode | undefined {
  const index = new Index(snapshot);
  const [management] = snapshot.objects.Management;
  if (management === undefined) return undefined;
  return nodeOf(management, [
    ...snapshot.objects.InfrastructureProvider.map((object) => nodeOf(object, [])),
    ...templatesOf(management).flatMap((name) =>
      index.reference("ProviderTemplate", name, (found) => nodeOf(found, [])),
    ),
  ]);
}

function templatesOf({ spec }: KubernetesObject): string[] {
  const providers = (spec?.["providers"] ?? []) as { template?: string }[];
  return providers.flatMap(({ template }) => (template === undefined ? [] : [template]));
}

function deploymentNode(index: Index, deployment: KubernetesObject): TreeNode {
  const { spec, metadata } = deployment;
  const isInstalled = conditionsOf(deployment).some(
    ({ type, status }) => type === "HelmReleaseReady" && status === "True",
  );
  return nodeOf(deployment, [
    ...index.reference("Credential", textAt(spec, "credential"), (credential) => credentialNode(index, credential)),
    ...index.reference("ClusterTemplate", textAt(spec, "template"), (template) => nodeOf(template, [])),
    ...index.present("HelmRelease", metadata.name, (release) => releaseNode(index, release)),
    ...(isInstalled
      ? index.reference("Cluster", metadata.name, (cluster) => clusterNode(index, cluster))
      : index.present("Cluster", metadata.name, (cluster) => clusterNode(index, cluster))),
    ...servicesOf(deployment).map((service) => serviceNode(index, metadata.name, service)),
  ]);
}

/** A Helm release in the cluster, with its template where that is not valid. */
function serviceNode(index: Index, cluster: string, { name, template, state, message, since }: ServiceState): TreeNode {
  const templates = index.reference("ServiceTemplate", template, (found) => nodeOf(found, []));
  return {
    kind: "Service",
    name: `${cluster}/${name}`,
    state,
    detail: template,
    children: templates.filter((found) => found.state !== "Current"),
    ...(state === "Current" ? {} : { cause: { type: "Service", message, ...(since ? { since } : {}) } }),
  };
}

function credentialNode(index: Index, credential: KubernetesObject): TreeNode {
  const isSecret = textAt(credential.spec, "identityRef", "kind") === "Secret";
  const identity = isSecret ? textAt(credential.spec, "identityRef", "name") : undefined;
  return nodeOf(
    credential,
    index.reference("Secret", identity, (secret) => nodeOf(secret, [])),
  );
}

function releaseNode(index: Index, release: KubernetesObject): TreeNode {
  const chart = textAt(release.status, "helmChart")?.split("/").at(-1) ?? textAt(release.spec, "chartRef", "name");
  return nodeOf(
    release,
    index.present("HelmChart", chart, (found) => nodeOf(found, [])),
  );
}

function clusterNode(index: Index, cluster: KubernetesObject): TreeNode {
  const { spec, metadata } = cluster;
  const plane = textAt(spec, "controlPlaneRef", "kind") as SnapshotKind | undefined;
  const machine = (found: KubernetesObject) => machineNode(index, found);
  return nodeOf(cluster, [
    ...index.reference("NutanixCluster", textAt(spec, "infrastructureRef", "name"), (infrastructure) =>
      nutanixClusterNode(index, infrastructure),
    ),
    ...(plane === undefined
      ? []
      : index.reference(plane, textAt(spec, "controlPlaneRef", "name"), (found) =>
          nodeOf(found, index.ownedBy(found, "Machine").map(machine)),
        )),
    ...index.ofCluster(metadata.name, "MachineDeployment").map((workers) => workersNode(index, workers)),
    ...index.ofCluster(metadata.name, "MachineHealthCheck").map((check) => nodeOf(check, [])),
    ...index.present("Secret", clusterNames(metadata.name).kubeconfig, (secret) => nodeOf(secret, [])),
  ]);
}

function nutanixClusterNode(index: Index, cluster: KubernetesObject): TreeNode {
  const secret = textAt(cluster.spec, "prismCentral", "credentialRef", "name");
  return nodeOf(
    cluster,
    index.reference("Secret", secret, (found) => nodeOf(found, [])),
  );
}

function workersNode(index: Index, workers: KubernetesObject): TreeNode {
  const sets = index.ownedBy(workers, "MachineSet").map((set) => ({
    set,
    machines: index.ownedBy(set, "Machine").map((found) => machineNode(index, found)),
  }));
  return nodeOf(
    workers,
    // Sets of earlier templates stay, with nothing in them.
    sets
      .filter(({ set, machines }) => set.spec?.["replicas"] !== 0 || machines.length > 0)
      .map(({ set, machines }) => nodeOf(set, machines)),
  );
}

function machineNode(index: Index, machine: KubernetesObject): TreeNode {
  const { spec } = machine;
  const kind = textAt(spec, "infrastructureRef", "kind");
  const name = kind === "NutanixMachine" ? textAt(spec, "infrastructureRef", "name") : undefined;
  return nodeOf(machine, [
    ...index.reference("NutanixMachine", name, (found) => nodeOf(found, [])),
    ...workloadNode(machine),
  ]);
}

/** The Node in the cluster that a Machine became, as the Machine's conditions tell it. */
function workloadNode(machine: KubernetesObject): TreeNode[] {
  const name = textAt(machine.status, "nodeRef", "name");
  if (name === undefined) return [];
  const condition = conditionsOf(machine).find(({ type }) => type === "NodeReady" || type === "NodeHealthy");
  const isUnwell = condition !== undefined && condition.status !== "True";
  const { type = "", reason, message, lastTransitionTime: since } = condition ?? {};
  const cause = {
    type,
    ...(reason ? { reason } : {}),
    message: message || reason || "no reason given",
    ...(since ? { since } : {}),
  };
  const detail = textAt(machine.status, "nodeInfo", "kubeletVersion") ?? "";
  return [
    {
      kind: "Node",
      name,
      state: isUnwell ? "Failed" : "Current",
      detail,
      children: [],
      ...(isUnwell ? { cause } : {}),
    },
  ];
}

function nodeOf(object: KubernetesObject, children: readonly TreeNode[]): TreeNode {
  const { creationTimestamp: created } = object.metadata;
  const {
    status: state,
    causes: [cause],
  } = readiness(object);
  return {
    kind: object.kind as SnapshotKind,
    name: object.metadata.name,
    state,
    ...(cause === undefined ? {} : { cause }),
    detail: summarize(object),
    ...(created === undefined ? {} : { created }),
    object,
    children,
  };
}

/** Causes that only say that something below is not ready. */
const SUMMARY =
  /^(Ready|Available|CAPIClusterSummary|InfrastructureReady|BootstrapReady|ControlPlane\w+|RemoteConnectionProbe|Workers\w+|Machines\w+|MachineSetReady|Node\w+|Resized|status|ready)$/;
const RANK: Readonly<Record<ReadinessStatus, number>> = {
  Failed: 0,
  NotFound: 0,
  Terminating: 1,
  InProgress: 2,
  Current: 9,
  Unknown: 9,
};
const FINE = 9;

/** From a node down to its root cause; empty where all below it is current. */
export function rootCausePath(node: TreeNode): TreeNode[] {
  const below = node.children.map(rootCausePath).filter((path) => path.length > 0);
  const rank = (path: readonly TreeNode[]) => RANK[path.at(-1)?.state ?? "Current"];
  const [worst] = below.sort((one, other) => rank(one) - rank(other));
  const own = RANK[node.state];
  if (worst === undefined) return own === FINE ? [] : [node];
  const isSummary = node.cause === undefined || SUMMARY.test(node.cause.type);
  return isSummary || rank(worst) <= own ? [node, ...worst] : [node];
}

/** Every node of a tree, parents first. */
export function allNodes(node: TreeNode): TreeNode[] {
  return [node, ...node.children.flatMap(allNodes)];
}
