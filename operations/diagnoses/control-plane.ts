/** Control planes that do not start. */
import { conditionsOf } from "../../kubernetes/conditions.ts";
import { type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import { clusterNames, ETCD_VOLUME_LABELS } from "../../manifests/names.ts";
import {
  conditionEvidence,
  type Diagnosis,
  eventEvidence,
  forEachObject,
  missingEvidence,
  nameOf,
  type Observation,
  someOf,
  statusEvidence,
} from "./finding.ts";
import {
  clusterOf,
  controlPlaneUp,
  eventsOf,
  falseCondition,
  listAt,
  minutesSince,
  objectNamed,
  objectsOf,
  sharingOf,
} from "./input.ts";
import { clusterName } from "./nutanix-cluster.ts";

export const noExternalAddress: Diagnosis = {
  id: "hosted-control-plane-without-address",
  severity: "error",
  description:
    "The load balancer of the management cluster assigns no address to a hosted control plane: there is no load balancer, the address is outside its pools or in use, or it does not support the annotation that sets it.",
  remedy:
    "install a load balancer (MetalLB, kube-vip) in the management cluster, add the endpoint's address to one of its pools, and check with `kubectl -n kcm-system describe service` why it is pending",
  find: forEachObject(["Service"], (service, input) => {
    const hasAddress = listAt(service.status, "loadBalancer", "ingress").length > 0;
    if (textAt(service.spec, "type") !== "LoadBalancer" || hasAddress) return undefined;
    const cluster =
      service.metadata.labels?.["cluster"] ?? /^kmc-(.+)-lb$/.exec(service.metadata.name)?.[1] ?? clusterOf(service);
    if (cluster === undefined || objectNamed(input, "ClusterDeployment", cluster) === undefined) return undefined;
    const hosted = objectNamed(input, "K0smotronCluster", cluster);
    const waiting =
      hosted && conditionsOf(hosted).find(({ message = "" }) => /waiting for external address/i.test(message));
    return {
      cluster,
      cause: `the hosted control plane of ${cluster} waits for the address of its load balancer`,
      evidence: [
        statusEvidence(service, "type LoadBalancer, and status.loadBalancer has no ingress"),
        ...(hosted && waiting ? [conditionEvidence(hosted, waiting)] : []),
        ...eventsOf(input, service).slice(0, 2).map(eventEvidence),
      ],
    };
  }),
};

export const etcdVolumesLeft: Diagnosis = {
  id: "etcd-volumes-of-deleted-cluster",
  severity: "warning",
  description:
    "Volumes of etcd are left of a hosted cluster that was deleted: it was to keep them, or k0smotron was stopped while it deleted them. A cluster of the same name is bound to them, and starts with the old data.",
  remedy:
    "delete them with `kubectl -n kcm-system delete pvc -l app=k0smotron,component=etcd,cluster=NAME` if the data is not needed; if a new cluster already uses them, delete that cluster first",
  find: (input) => {
    const clusters = Map.groupBy(
      objectsOf(input, "PersistentVolumeClaim").filter(({ metadata }) => isEtcdVolume(metadata.labels)),
      ({ metadata }) => metadata.labels?.["cluster"] ?? "",
    );
    return [...clusters].flatMap(([name, volumes]): Observation[] => {
      const owners = (["ClusterDeployment", "Cluster", "K0smotronCluster"] as const).flatMap(
        (kind) => objectNamed(input, kind, name) ?? [],
      );
      // The deployment comes first: volumes that are older than it are of an earlier cluster.
      const since = owners[0]?.metadata.creationTimestamp ?? "";
      const old = volumes.filter(
        ({ metadata }) => owners.length === 0 || (metadata.creationTimestamp ?? since) < since,
      );
      if (old.length === 0) return [];
      const cause =
        owners.length === 0
          ? `${old.length} volumes of etcd are left of the cluster ${name}, which does not exist`
          : `${name} has ${old.length} volumes of etcd that are older than itself, with the data of an earlier cluster`;
      const evidence = old.map((volume) => statusEvidence(volume, `created ${volume.metadata.creationTimestamp}`));
      return [{ subject: nameOf(old[0] as KubernetesObject), cluster: name, cause, evidence: evidence.slice(0, 3) }];
    });
  },
};

function isEtcdVolume(labels: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(ETCD_VOLUME_LABELS).every(([key, value]) => labels[key] === value);
}

export const podsPending: Diagnosis = {
  id: "hosted-control-plane-not-scheduled",
  severity: "error",
  description:
    "Pods of a hosted control plane cannot be scheduled in the management cluster, have no volume, or do not stay up.",
  remedy:
    "add nodes or a default StorageClass to the management cluster, or set fewer replicas (`controlPlaneNumber`); the event says which",
  find: forEachObject(["Pod"], (pod, input) => {
    if (pod.metadata.labels?.["app"] !== "k0smotron") return undefined;
    const cluster = pod.metadata.labels["cluster"];
    const unscheduled = falseCondition(pod, "PodScheduled");
    const waiting = listAt(pod.status, "containerStatuses")
      .map((container) => textAt(container, "state", "waiting", "reason") ?? "")
      .find((reason) => /BackOff|ErrImagePull|Error/.test(reason));
    if (unscheduled === undefined && waiting === undefined) return undefined;
    const why = waiting ?? unscheduled?.message ?? "not scheduled";
    return {
      cluster,
      cause: `a pod of the hosted control plane of ${cluster} does not run: ${why}`,
      evidence: [
        unscheduled ? conditionEvidence(pod, unscheduled) : statusEvidence(pod, why),
        ...eventsOf(input, pod).slice(0, 1).map(eventEvidence),
      ],
    };
  }),
};

/** Minutes that a control plane may take to write its kubeconfig. */
const KUBECONFIG_MINUTES = 2;

export const noKubeconfig: Diagnosis = {
  id: "kubeconfig-missing",
  severity: "error",
  description:
    "The control plane of a cluster runs, and the Secret of its kubeconfig does not exist: neither users nor Cluster API can connect.",
  remedy:
    "read the log of k0smotron, which writes it; if the Secret was removed, the next reconciliation of the control plane creates it again",
  requires: "Secret",
  find: forEachObject(["Cluster"], (cluster, input) => {
    const { name, deletionTimestamp } = cluster.metadata;
    const initialized = controlPlaneUp(cluster);
    const secret = clusterNames(name).kubeconfig;
    if (initialized === undefined || deletionTimestamp || objectNamed(input, "Secret", secret)) return undefined;
    if (minutesSince(input, initialized.lastTransitionTime) < KUBECONFIG_MINUTES) return undefined;
    return {
      cause: `the control plane of ${name} runs, and its kubeconfig (Secret ${secret}) does not exist`,
      evidence: [conditionEvidence(cluster, initialized), missingEvidence("Secret", secret)],
    };
  }),
};

export const endpointConflict: Diagnosis = {
  id: "endpoint-conflict",
  severity: "error",
  description: "Two clusters have the same control plane endpoint: nodes and users reach the wrong one.",
  remedy: "set another address for one of them in the stack file; that creates a new cluster",
  find: (input) =>
    sharingOf(input, "NutanixCluster", ({ spec }) => textAt(spec, "controlPlaneEndpoint", "host")).map(
      ({ value, first, all }) => ({
        subject: nameOf(first),
        cluster: clusterOf(first),
        cause: `the clusters ${someOf(all.map(clusterName), " and ")} have the same control plane endpoint, ${value}`,
        evidence: all.map((user) => statusEvidence(user, `spec.controlPlaneEndpoint.host is ${value}`)),
      }),
    ),
};
