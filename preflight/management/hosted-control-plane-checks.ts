import { conditionOf } from "../../kubernetes/conditions.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { etcdVolumes, NAMESPACE } from "../../manifests/names.ts";
import { at, bytes, integer, list, text } from "../../policy/rules/plain-values.ts";
import { type Check, type CheckContext, fail, pass } from "../check.ts";
import { managementOf } from "./management-client.ts";
import type { Reader } from "./reader.ts";

/** k0s's minimum for a controller. k0smotron's pods have no requests, so the scheduler would place them on full nodes. */
const REPLICA = { cpu: 1, memory: 2 ** 30 } as const;

/** The kubelet's default. */
const PODS_PER_NODE = 110;

interface NodeCapacity {
  cpu: number;
  memory: number;
  pods: number;
}

export const HOSTED_CONTROL_PLANE_CHECKS: readonly Check[] = [
  {
    id: "hosted-control-planes-fit",
    description: "the nodes of the management cluster have capacity for the new hosted control planes",
    scope: "stack",
    run: async (context) => {
      if (!hasHosted(context)) return [];
      const reader = await managementOf(context);
      const needed = await newReplicas(context, reader);
      if (needed === 0) return pass("every hosted control plane exists");
      const [nodes = [], pods = []] = await Promise.all([reader.list(KINDS.Node), reader.list(KINDS.Pod)]);
      const fitting = fittingReplicas(nodes, pods);
      const schedulable = nodes.filter(isSchedulable).length;
      const message = `${needed} new control plane replicas (1 vCPU, 1 GiB each); ${fitting} fit on ${schedulable} schedulable of ${nodes.length} nodes`;
      return fitting >= needed
        ? pass(message)
        : fail(message, "add nodes to the management cluster, or lower controlPlaneNumber");
    },
  },
  {
    id: "hosted-control-planes-have-storage",
    description: "the management cluster has a default StorageClass, for the etcd volumes of hosted control planes",
    scope: "stack",
    run: async (context) => {
      if (!hasHosted(context)) return [];
      const classes = (await (await managementOf(context)).list(KINDS.StorageClass)) ?? [];
      const annotation = "storageclass.kubernetes.io/is-default-class";
      const standard = classes.find(({ metadata }) => metadata.annotations?.[annotation] === "true");
      if (standard !== undefined) return pass(`the default StorageClass is ${standard.metadata.name}`);
      const among = classes.length === 0 ? "" : ` among ${classes.map(({ metadata }) => metadata.name).join(", ")}`;
      return fail(
        `no default StorageClass${among}: the volumes of etcd would stay pending`,
        `annotate one with ${annotation}: "true"`,
      );
    },
  },
  {
    id: "etcd-volumes-are-new",
    description: "no volume of etcd is left of an earlier cluster with the name of a new hosted cluster",
    scope: "cluster",
    run: async (context) => {
      const { name, cluster } = context;
      if (cluster.mode !== "hcp") return [];
      const reader = await managementOf(context);
      // The same lists for every cluster: they are read once.
      const live = (await reader.list(KINDS.ClusterDeployment, { namespace: NAMESPACE })) ?? [];
      if (live.some(({ metadata }) => metadata.name === name)) return pass("the cluster exists");
      const all = { namespace: NAMESPACE, selector: etcdVolumes() };
      const volumes = ((await reader.list(KINDS.PersistentVolumeClaim, all)) ?? []).filter(
        ({ metadata }) => metadata.labels?.["cluster"] === name,
      );
      if (volumes.length === 0) return pass("there are none");
      const names = volumes.map(({ metadata }) => metadata.name).join(", ");
      return fail(
        `${names} are left of an earlier cluster ${name}, and etcd would start with its data`,
        `run kubectl -n ${NAMESPACE} delete pvc -l ${etcdVolumes(name)} if the data is not needed, or set another name`,
      );
    },
  },
];

function hasHosted({ stack, clusters }: CheckContext): boolean {
  return clusters.some((name) => stack.clusters[name]?.mode === "hcp");
}

/** Replicas that do not exist yet: all of a new cluster, the additional ones of an existing one. */
async function newReplicas({ stack, clusters }: CheckContext, reader: Reader): Promise<number> {
  const live = (await reader.list(KINDS.ClusterDeployment, { namespace: NAMESPACE })) ?? [];
  const counts = clusters.map((name) => {
    const cluster = stack.clusters[name];
    if (cluster?.mode !== "hcp") return 0;
    const existing = live.find(({ metadata }) => metadata.name === name);
    return Math.max(
      0,
      cluster.controlPlaneNumber - (integer(at(existing, "spec", "config", "controlPlaneNumber")) ?? 0),
    );
  });
  return counts.reduce((sum, one) => sum + one, 0);
}

/** How many control plane replicas fit. */
function fittingReplicas(nodes: readonly KubernetesObject[], pods: readonly KubernetesObject[]): number {
  const free = new Map<string, NodeCapacity>();
  for (const node of nodes.filter(isSchedulable)) {
    const { cpu, memory, pods: count } = (node.status?.["allocatable"] ?? {}) as Record<string, string>;
    free.set(node.metadata.name, { cpu: cpus(cpu), memory: bytes(memory) ?? 0, pods: bytes(count) ?? PODS_PER_NODE });
  }
  for (const pod of pods) {
    const node = free.get(text(at(pod, "spec", "nodeName")) ?? "");
    if (node === undefined || ["Succeeded", "Failed"].includes(text(at(pod, "status", "phase")) ?? "")) continue;
    const { cpu, memory } = usageOf(pod);
    node.cpu -= cpu;
    node.memory -= memory;
    node.pods -= 1;
  }
  const fitting = [...free.values()].map(({ cpu, memory, pods: count }) =>
    Math.max(0, Math.floor(Math.min(cpu / REPLICA.cpu, memory / REPLICA.memory, count))),
  );
  return fitting.reduce((sum, one) => sum + one, 0);
}

/** A pod's requests, and at least the minimum of a control plane. */
function usageOf({ metadata, spec }: KubernetesObject): Omit<NodeCapacity, "pods"> {
  const requests = list(at(spec, "containers")).map((container) => at(container, "resources", "requests"));
  const cpu = requests.reduce<number>((sum, one) => sum + cpus(text(at(one, "cpu"))), 0);
  const memory = requests.reduce<number>((sum, one) => sum + (bytes(at(one, "memory")) ?? 0), 0);
  const isControlPlane = metadata.labels?.["app"] === "k0smotron" && metadata.labels["component"] !== "etcd";
  const minimum = isControlPlane ? REPLICA : { cpu: 0, memory: 0 };
  return { cpu: Math.max(cpu, minimum.cpu), memory: Math.max(memory, minimum.memory) };
}

/** Whether a pod without tolerations can run on a node. */
function isSchedulable(node: KubernetesObject): boolean {
  const { spec } = node;
  const isReady = conditionOf(node, "Ready")?.status === "True";
  const isTainted = list(at(spec, "taints")).some((taint) => at(taint, "effect") !== "PreferNoSchedule");
  return isReady && at(spec, "unschedulable") !== true && !isTainted;
}

/** Processors of a quantity such as `250m` or `1k`; 0 for what is not a quantity. */
function cpus(quantity: string | undefined): number {
  return quantity?.endsWith("m") ? Number(quantity.slice(0, -1)) / 1000 : (bytes(quantity) ?? (Number(quantity) || 0));
}
