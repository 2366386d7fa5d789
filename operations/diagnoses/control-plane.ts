/** Control planes that do not come up, and workers that are held back. */

import { conditionsOf } from "../../kubernetes/conditions.ts";
import { type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import { clusterNames } from "../../manifests/names.ts";
import { type Diagnosis, type Found, nameOf, ofCondition, ofEvent, ofStatus } from "./finding.ts";
import { all, clusterOf, conditionOf, eventsOf, falseOf, isBlind, listAt, minutesSince, named } from "./input.ts";
import { clusterName } from "./nutanix-cluster.ts";

const EXTERNAL = /waiting for external address/i;

export const noExternalAddress: Diagnosis = {
  id: "hosted-control-plane-without-address",
  severity: "error",
  means:
    "The load balancer of the management cluster gives a hosted control plane no address: there is no balancer, the address is outside its pools or taken, or it does not know the annotation that pins it.",
  remedy:
    "install a load balancer (MetalLB, kube-vip) in the management cluster, put the endpoint's address into a pool of it, and check with `kubectl -n kcm-system describe service` why it is pending",
  find: (the) =>
    all(the, "Service").flatMap((service): Found[] => {
      if (
        textAt(service.spec, "type") !== "LoadBalancer" ||
        listAt(service.status, "loadBalancer", "ingress").length > 0
      )
        return [];
      const cluster =
        service.metadata.labels?.["cluster"] ?? /^kmc-(.+)-lb$/.exec(service.metadata.name)?.[1] ?? clusterOf(service);
      if (cluster === undefined || named(the, "ClusterDeployment", cluster) === undefined) return [];
      const hosted = all(the, "K0smotronCluster").find(({ metadata }) => metadata.name === cluster);
      const waits = hosted && conditionsOf(hosted).find(({ message = "" }) => EXTERNAL.test(message));
      return [
        {
          subject: nameOf(service),
          cluster,
          cause: `the hosted control plane of ${cluster} waits for the address of its load balancer`,
          evidence: [
            ofStatus(service, "type LoadBalancer, and status.loadBalancer has no ingress"),
            ...(hosted && waits ? [ofCondition(hosted, waits)] : []),
            ...eventsOf(the, service).slice(0, 2).map(ofEvent),
          ],
        },
      ];
    }),
};

export const podsPending: Diagnosis = {
  id: "hosted-control-plane-not-scheduled",
  severity: "error",
  means: "Pods of a hosted control plane find no place in the management cluster, no volume, or do not stay up.",
  remedy:
    "give the management cluster nodes or a default StorageClass, or ask for fewer replicas (`controlPlaneNumber`); the event says which",
  find: (the) =>
    all(the, "Pod").flatMap((pod): Found[] => {
      if (pod.metadata.labels?.["app"] !== "k0smotron") return [];
      const cluster = pod.metadata.labels["cluster"];
      const unscheduled = falseOf(pod, "PodScheduled");
      const waiting = listAt(pod.status, "containerStatuses")
        .map((container) => textAt(container, "state", "waiting", "reason") ?? "")
        .find((reason) => /BackOff|ErrImagePull|Error/.test(reason));
      if (unscheduled === undefined && waiting === undefined) return [];
      const why = waiting ?? unscheduled?.message ?? "not scheduled";
      return [
        {
          subject: nameOf(pod),
          cluster,
          cause: `a pod of the hosted control plane of ${cluster} does not run: ${why}`,
          evidence: [
            ...(unscheduled ? [ofCondition(pod, unscheduled)] : [ofStatus(pod, why)]),
            ...eventsOf(the, pod).slice(0, 1).map(ofEvent),
          ],
        },
      ];
    }),
};

/** Minutes that a control plane may take to write its kubeconfig. */
const PATIENCE = 2;

export const noKubeconfig: Diagnosis = {
  id: "kubeconfig-missing",
  severity: "error",
  means:
    "A cluster's control plane is up, and the Secret of its kubeconfig is not there: neither users nor Cluster API get in.",
  remedy:
    "k0smotron writes it: look at its log. If somebody removed the Secret, it is made again at the control plane's next reconciliation",
  find: (the) => {
    if (isBlind(the, "Secret")) return [];
    return all(the, "Cluster").flatMap((cluster): Found[] => {
      const up = ["ControlPlaneInitialized", "ControlPlaneReady"]
        .map((type) => conditionOf(cluster, type))
        .find((one) => one?.status === "True");
      const name = clusterNames(cluster.metadata.name).kubeconfig;
      if (up === undefined || cluster.metadata.deletionTimestamp || named(the, "Secret", name)) return [];
      if (minutesSince(the, up.lastTransitionTime) < PATIENCE) return [];
      return [
        {
          subject: `Secret ${name}`,
          cluster: cluster.metadata.name,
          cause: `the control plane of ${cluster.metadata.name} is up, and its kubeconfig (Secret ${name}) is not there`,
          evidence: [ofCondition(cluster, up), { what: "object", of: `Secret ${name}`, text: "not found" }],
        },
      ];
    });
  },
};

/** Two clusters that ask for one name or one endpoint: told before they take each other's machines. */
export const endpointsClash: Diagnosis = {
  id: "endpoint-used-twice",
  severity: "error",
  means: "Two clusters have one control plane endpoint: they take each other's nodes and users.",
  remedy: "give one of them another address in the stack file; that makes a new cluster",
  find: (the) => {
    const byHost = new Map<string, KubernetesObject[]>();
    for (const cluster of all(the, "NutanixCluster")) {
      const host = textAt(cluster.spec, "controlPlaneEndpoint", "host");
      if (host !== undefined) byHost.set(host, [...(byHost.get(host) ?? []), cluster]);
    }
    return [...byHost].flatMap(([host, users]): Found[] => {
      const [first, ...others] = users;
      if (first === undefined || others.length === 0) return [];
      const names = users.map(clusterName);
      return [
        {
          subject: nameOf(first),
          cluster: clusterOf(first),
          cause: `the clusters ${names.join(" and ")} have one control plane endpoint, ${host}`,
          evidence: users.map((user) => ofStatus(user, `spec.controlPlaneEndpoint.host is ${host}`)),
        },
      ];
    });
  },
};
