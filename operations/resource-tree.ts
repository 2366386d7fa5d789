/** From a snapshot to trees: what each cluster is made of, what each part says of itself, and what holds the whole up. */
import { clusterNames } from "../manifests/names.ts";
import { conditionsOf } from "./conditions.ts";
import type { KindName } from "./kinds.ts";
import { type LiveObject, textAt } from "./live-object.ts";
import { Index } from "./object-index.ts";
import { type Cause, type ReadinessState, readiness } from "./readiness.ts";
import type { Snapshot } from "./snapshot.ts";
import { summarize } from "./summary.ts";

export interface TreeNode {
  readonly kind: KindName | "Node";
  readonly name: string;
  readonly state: ReadinessState;
  /** What keeps it from being ready; undefined where it is. */
  readonly cause?: Cause;
  /** What there is to say of it when all is well, like `3/3 machines`; may be empty. */
  readonly detail: string;
  /** RFC 3339. */
  readonly created?: string;
  /** Undefined where it is not there, or stands only in another object's status (a Node). */
  readonly object?: LiveObject;
  readonly children: readonly TreeNode[];
}

export interface ClusterTree {
  readonly name: string;
  readonly namespace: string;
  /** `degraded`: the cluster is ready, and something below it is not. */
  readonly state: ReadinessState | "degraded";
  readonly root: TreeNode;
  /** From the root down to the object whose condition holds the cluster up; empty where nothing does. */
  readonly blockedBy: readonly TreeNode[];
}

/** One tree for each cluster of the snapshot, by name. */
export function clusterTrees(snapshot: Snapshot): ClusterTree[] {
  const index = new Index(snapshot);
  const { ClusterDeployment, Cluster } = snapshot.objects;
  const deployed = new Set(ClusterDeployment.map(({ metadata }) => metadata.name));
  const roots = [
    ...ClusterDeployment.map((object) => deploymentNode(index, object)),
    // What outlived its ClusterDeployment still has machines.
    ...Cluster.filter(({ metadata }) => !deployed.has(metadata.name)).map((object) => clusterNode(index, object)),
  ];
  return roots
    .map((root) => {
      const blockedBy = rootCausePath(root);
      const isDegraded = root.state === "ready" && blockedBy.length > 0;
      const state: ClusterTree["state"] = isDegraded ? "degraded" : root.state;
      return { name: root.name, namespace: snapshot.namespace, state, root, blockedBy };
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Management with its providers' templates and CAPX's installation; undefined where there is none, or it is not shown. */
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

function templatesOf({ spec }: LiveObject): string[] {
  const providers = (spec?.["providers"] ?? []) as { template?: string }[];
  return providers.flatMap(({ template }) => (template === undefined ? [] : [template]));
}

function deploymentNode(index: Index, deployment: LiveObject): TreeNode {
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
  ]);
}

function credentialNode(index: Index, credential: LiveObject): TreeNode {
  const isSecret = textAt(credential.spec, "identityRef", "kind") === "Secret";
  const identity = isSecret ? textAt(credential.spec, "identityRef", "name") : undefined;
  return nodeOf(
    credential,
    index.reference("Secret", identity, (secret) => nodeOf(secret, [])),
  );
}

function releaseNode(index: Index, release: LiveObject): TreeNode {
  const chart = textAt(release.status, "helmChart")?.split("/").at(-1) ?? textAt(release.spec, "chartRef", "name");
  return nodeOf(
    release,
    index.present("HelmChart", chart, (found) => nodeOf(found, [])),
  );
}

function clusterNode(index: Index, cluster: LiveObject): TreeNode {
  const { spec, metadata } = cluster;
  const plane = textAt(spec, "controlPlaneRef", "kind") as KindName | undefined;
  const machine = (found: LiveObject) => machineNode(index, found);
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

function nutanixClusterNode(index: Index, cluster: LiveObject): TreeNode {
  const secret = textAt(cluster.spec, "prismCentral", "credentialRef", "name");
  return nodeOf(
    cluster,
    index.reference("Secret", secret, (found) => nodeOf(found, [])),
  );
}

function workersNode(index: Index, workers: LiveObject): TreeNode {
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

function machineNode(index: Index, machine: LiveObject): TreeNode {
  const { spec } = machine;
  const kind = textAt(spec, "infrastructureRef", "kind");
  const name = kind === "NutanixMachine" ? textAt(spec, "infrastructureRef", "name") : undefined;
  return nodeOf(machine, [
    ...index.reference("NutanixMachine", name, (found) => nodeOf(found, [])),
    ...workloadNode(machine),
  ]);
}

/** The Node in the cluster that a Machine became, as the Machine's conditions tell it. */
function workloadNode(machine: LiveObject): TreeNode[] {
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
    { kind: "Node", name, state: isUnwell ? "failed" : "ready", detail, children: [], ...(isUnwell ? { cause } : {}) },
  ];
}

function nodeOf(object: LiveObject, children: readonly TreeNode[]): TreeNode {
  const { creationTimestamp: created } = object.metadata;
  return {
    kind: object.kind as KindName,
    name: object.metadata.name,
    ...readiness(object),
    detail: summarize(object),
    ...(created === undefined ? {} : { created }),
    object,
    children,
  };
}

/** Causes that only say that something below is not as it should be. */
const SUMMARY =
  /^(Ready|Available|CAPIClusterSummary|InfrastructureReady|BootstrapReady|ControlPlane\w+|RemoteConnectionProbe|Workers\w+|Machines\w+|MachineSetReady|Node\w+|Resized|status|ready)$/;
const RANK: Readonly<Record<ReadinessState, number>> = {
  failed: 0,
  missing: 0,
  deleting: 1,
  waiting: 2,
  ready: 9,
  unknown: 9,
};
const FINE = 9;

/** From a node down to the one that is to blame; empty where all is well. */
export function rootCausePath(node: TreeNode): TreeNode[] {
  const below = node.children.map(rootCausePath).filter((path) => path.length > 0);
  const rank = (path: readonly TreeNode[]) => RANK[path.at(-1)?.state ?? "ready"];
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
