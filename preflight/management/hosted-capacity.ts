import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { bytes } from "../../policy/rules/plain-values.ts";
import { answer, type CheckContext, type StackCheck } from "../check.ts";
import { managementOf } from "./connection.ts";
import type { Reader } from "./reader.ts";

/** What k0s names as the least of a controller. k0smotron itself asks for nothing, so the scheduler would not refuse: it would be slow, or killed. */
const REPLICA = { cpu: 1, memory: 2 ** 30 } as const;

/** What a kubelet takes unless told otherwise. */
const PODS_OF_A_NODE = 110;

interface Room {
  cpu: number;
  memory: number;
  pods: number;
}

interface Container {
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
}
interface PodSpec {
  readonly nodeName?: string;
  readonly containers?: readonly Container[];
}
interface NodeSpec {
  readonly unschedulable?: boolean;
  readonly taints?: readonly { readonly effect: string }[];
}

/** Processors of a quantity such as `250m` or `1k`; 0 for what is none. */
function cpus(quantity: string | undefined): number {
  return quantity?.endsWith("m") ? Number(quantity.slice(0, -1)) / 1000 : (bytes(quantity) ?? (Number(quantity) || 0));
}

/** What a pod takes of its node: its requests, and for a control plane no less than one needs. */
function taken({ metadata, spec }: KubernetesObject): Room {
  const requests = ((spec as PodSpec | undefined)?.containers ?? []).map(({ resources }) => resources?.requests ?? {});
  const cpu = requests.reduce((sum, one) => sum + cpus(one["cpu"]), 0);
  const memory = requests.reduce((sum, one) => sum + (bytes(one["memory"]) ?? 0), 0);
  const isControlPlane = metadata.labels?.["app"] === "k0smotron" && metadata.labels["component"] !== "etcd";
  const least = isControlPlane ? REPLICA : { cpu: 0, memory: 0 };
  return { cpu: Math.max(cpu, least.cpu), memory: Math.max(memory, least.memory), pods: 1 };
}

/** Nodes on which a pod without tolerations can run. */
function takesPods({ spec, status }: KubernetesObject): boolean {
  const { unschedulable, taints = [] } = (spec ?? {}) as NodeSpec;
  const conditions = (status?.["conditions"] ?? []) as { type: string; status: string }[];
  const isReady = conditions.some((one) => one.type === "Ready" && one.status === "True");
  return isReady && unschedulable !== true && !taints.some(({ effect }) => effect !== "PreferNoSchedule");
}

/** How many control plane replicas still find a place. */
export function replicasThatFit(nodes: readonly KubernetesObject[], pods: readonly KubernetesObject[]): number {
  const free = new Map<string, Room>();
  for (const node of nodes.filter(takesPods)) {
    const { cpu, memory, pods: slots } = (node.status?.["allocatable"] ?? {}) as Record<string, string>;
    free.set(node.metadata.name, { cpu: cpus(cpu), memory: bytes(memory) ?? 0, pods: bytes(slots) ?? PODS_OF_A_NODE });
  }
  for (const pod of pods) {
    const { phase } = (pod.status ?? {}) as { phase?: string };
    const room = free.get((pod.spec as PodSpec | undefined)?.nodeName ?? "");
    if (room === undefined || phase === "Succeeded" || phase === "Failed") continue;
    const { cpu, memory } = taken(pod);
    room.cpu -= cpu;
    room.memory -= memory;
    room.pods -= 1;
  }
  return [...free.values()].reduce((sum, { cpu, memory, pods: slots }) => {
    return sum + Math.max(0, Math.floor(Math.min(cpu / REPLICA.cpu, memory / REPLICA.memory, slots)));
  }, 0);
}

/** Replicas that are not running yet: all of a new cluster, the additional ones of a cluster that is there. */
async function missingReplicas({ stack, clusters }: CheckContext, reader: Reader): Promise<number> {
  const live = (await reader.list(KINDS.ClusterDeployment, { namespace: NAMESPACE })) ?? [];
  const counts = clusters.map((name) => {
    const cluster = stack.clusters[name];
    if (cluster?.mode !== "hcp") return 0;
    const there = live.find(({ metadata }) => metadata.name === name);
    const { controlPlaneNumber = 0 } = (there?.spec?.["config"] ?? {}) as { controlPlaneNumber?: number };
    return Math.max(0, cluster.controlPlaneNumber - controlPlaneNumber);
  });
  return counts.reduce((sum, one) => sum + one, 0);
}

function hasHosted({ stack, clusters }: CheckContext): boolean {
  return clusters.some((name) => stack.clusters[name]?.mode === "hcp");
}

export const hostedControlPlanesFit: StackCheck = {
  id: "hosted-control-planes-fit",
  asks: "do the nodes of the management cluster have room for the hosted control planes that are to come?",
  scope: "stack",
  run: async (context) => {
    const say = answer(hostedControlPlanesFit.id);
    if (!hasHosted(context)) return [];
    const reader = await managementOf(context);
    const needed = await missingReplicas(context, reader);
    if (needed === 0) return [say.pass("every hosted control plane is there")];
    const [nodes, pods] = await Promise.all([reader.list(KINDS.Node), reader.list(KINDS.Pod)]);
    const fit = replicasThatFit(nodes ?? [], pods ?? []);
    const taking = (nodes ?? []).filter(takesPods).length;
    const text = `${needed} more control plane replicas (1 vCPU, 1 GiB each), and ${fit} fit on the ${taking} of ${nodes?.length ?? 0} nodes that take pods`;
    if (fit >= needed) return [say.pass(text)];
    return [say.fail(text, "add nodes to the management cluster, or lower controlPlaneNumber")];
  },
};

export const hostedControlPlanesHaveStorage: StackCheck = {
  id: "hosted-control-planes-have-storage",
  asks: "has the management cluster a default StorageClass, from which etcd of a hosted control plane gets its volume?",
  scope: "stack",
  run: async (context) => {
    const say = answer(hostedControlPlanesHaveStorage.id);
    if (!hasHosted(context)) return [];
    const classes = (await (await managementOf(context)).list(KINDS.StorageClass)) ?? [];
    const standard = classes.filter(
      ({ metadata }) => metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true",
    );
    if (standard.length > 0) return [say.pass(`the default StorageClass is ${standard[0]?.metadata.name}`)];
    const names = classes.map(({ metadata }) => metadata.name);
    return [
      say.fail(
        `no StorageClass is the default${names.length === 0 ? "" : ` among ${names.join(", ")}`}: the volumes of etcd would wait for ever`,
        'annotate one with storageclass.kubernetes.io/is-default-class: "true"',
      ),
    ];
  },
};
