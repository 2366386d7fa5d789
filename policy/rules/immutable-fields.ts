/** May this be changed on a cluster that is alive? */

import { type ClusterFields, clustersOf } from "./cluster-fields.ts";
import { COMPARED_TARGETS, clusterUpdates, idOf } from "./cluster-updates.ts";
import { hostKey } from "./endpoint-rules.ts";
import { keyPath } from "./field.ts";
import { canonical } from "./plain-values.ts";
import { always, type Rule } from "./rule.ts";
import { safeWord, type Violation } from "./violation.ts";

export const endpointIsImmutable: Rule = {
  name: "endpoint-is-immutable",
  category: "change",
  level: always("mandatory"),
  comparesUpdates: true,
  inspects: `\`controlPlaneEndpoint\`, ${COMPARED_TARGETS}`,
  why: "nodes, kubeconfigs and certificates contain the endpoint: after a change the cluster is unreachable",
  remedy: "keep the endpoint, or create another cluster and migrate the workloads",
  example:
    'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.210" was 10.1.1.200 when the cluster was created; restore 10.1.1.200, or create a cluster with another name and migrate the workloads',
  check: (subjects, context) =>
    clusterUpdates(subjects, context).flatMap(({ before, after }) =>
      (["host", "port"] as const).flatMap((key): Violation[] => {
        const [was, is] = [before.endpoint[key].value, after.endpoint[key].value];
        if (was === undefined || is === undefined || hostKey(String(was)) === hostKey(String(is))) return [];
        return [
          after.endpoint[key].violation(
            `was ${safeWord(was)} when the cluster was created`,
            `restore ${safeWord(was)}, or create a cluster with another name and migrate the workloads`,
          ),
        ];
      }),
    ),
};

export const modeIsImmutable: Rule = {
  name: "mode-is-immutable",
  category: "change",
  level: always("mandatory"),
  comparesUpdates: true,
  inspects: `the template of a ClusterDeployment with \`clusterClass\` of its values, or the kind of its control plane, ${COMPARED_TARGETS}`,
  why: "a control plane cannot move between machines and the management cluster: the other chart creates a new one and loses etcd; and Cluster API can neither add a ClusterClass to an existing cluster nor remove it",
  remedy: "keep the mode, or create another cluster and migrate the workloads",
  example:
    "clusters.demo.mode: is standalone, but the cluster was created as hcp; restore hcp, or create a cluster with another name and migrate the workloads",
  check: (subjects, context) =>
    clusterUpdates(subjects, context).flatMap(({ before, after }) => {
      const [was, is] = [modeOf(before), modeOf(after)];
      if (was === undefined || is === undefined) return [];
      if (was === is) return classFaults(before, after);
      return [
        {
          path: keyPath(after.at, "mode"),
          cluster: after.name,
          reason: `is ${is}, but the cluster was created as ${was}`,
          remedy: `restore ${was}, or create a cluster with another name and migrate the workloads`,
        },
      ];
    }),
};

function classFaults(before: ClusterFields, after: ClusterFields): Violation[] {
  const [was, is] = [before, after].map(({ config }) => config.at("clusterClass").value === true);
  if (was === is || !before.config.isSet || !after.config.isSet) return [];
  return [
    {
      path: keyPath(after.at, "clusterClass"),
      cluster: after.name,
      reason: `is ${is ? "true, but the cluster was created without it" : "false, but the cluster was created with it"}`,
      remedy: `${was ? "restore true" : "leave it out"}, or create a cluster with another name and migrate the workloads`,
    },
  ];
}

function modeOf({ standalone }: ClusterFields): string | undefined {
  return standalone === undefined ? undefined : standalone ? "standalone" : "hcp";
}

export const clusterNameIsImmutable: Rule = {
  name: "cluster-name-is-immutable",
  category: "change",
  level: always("mandatory"),
  comparesUpdates: true,
  inspects:
    "names and endpoints of all clusters, evaluated by reviews only: for Pulumi a new name is a deletion and a creation, which only `protect` prevents",
  why: "another name is another cluster: the existing one would be deleted with all its workloads",
  remedy: "keep the name, and use a label for a display name",
  example:
    "clusters.renamed: has the endpoint of the removed cluster demo: a new name deletes a cluster and creates another; restore demo, or use another endpoint for the new cluster",
  check: (subjects, { previous }) => {
    if (previous === undefined) return [];
    const clusters = clustersOf(subjects);
    const [there, were] = [new Set(clusters.map(idOf)), clustersOf(previous)];
    const gone = new Map(were.filter((one) => !there.has(idOf(one))).map((one) => [endpointOf(one), one.name]));
    const old = new Set(were.map(idOf));
    return clusters.flatMap((cluster): Violation[] => {
      const name = gone.get(endpointOf(cluster));
      if (name === undefined || old.has(idOf(cluster)) || endpointOf(cluster) === "") return [];
      return [
        {
          path: cluster.at,
          cluster: cluster.name,
          reason: `has the endpoint of the removed cluster ${safeWord(name)}: a new name deletes a cluster and creates another`,
          remedy: `restore ${safeWord(name)}, or use another endpoint for the new cluster`,
        },
      ];
    });
  },
};

function endpointOf({ endpoint }: ClusterFields): string {
  return hostKey(endpoint.host.text ?? "");
}

export const clusterNetworksAreImmutable: Rule = {
  name: "cluster-networks-are-immutable",
  category: "change",
  level: always("mandatory"),
  comparesUpdates: true,
  inspects: `ranges of pods and services, ${COMPARED_TARGETS}`,
  why: "addresses of Services and pods are in certificates, in etcd and on every node: no controller migrates them",
  remedy: "keep the ranges, or create another cluster and migrate the workloads",
  example:
    'clusters.demo.clusterNetwork.pods.cidrBlocks: ["10.99.0.0/16"] was ["10.243.0.0/16"] when the cluster was created; restore it, or create a cluster with another name and migrate the workloads',
  check: (subjects, context) =>
    clusterUpdates(subjects, context).flatMap(({ before, after }) =>
      (["pods", "services"] as const).flatMap((key): Violation[] => {
        const [was, is] = [before.networks[key], after.networks[key]];
        if (!was.isSet || !is.isSet || canonical(was.value) === canonical(is.value)) return [];
        return [
          is.violation(
            `was ${safeWord(was.value)} when the cluster was created`,
            "restore it, or create a cluster with another name and migrate the workloads",
          ),
        ];
      }),
    ),
};
