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
  why: "nodes, kubeconfigs and certificates know the endpoint they were made with: with another one the cluster is out of reach",
  remedy: "keep the endpoint, or make another cluster and move what runs",
  example:
    'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.210" was 10.1.1.200 when the cluster was made; write 10.1.1.200 again, or make a cluster of another name and move what runs',
  check: (subjects, context) =>
    clusterUpdates(subjects, context).flatMap(({ before, after }) =>
      (["host", "port"] as const).flatMap((key): Violation[] => {
        const [was, is] = [before.endpoint[key].value, after.endpoint[key].value];
        if (was === undefined || is === undefined || hostKey(String(was)) === hostKey(String(is))) return [];
        return [
          after.endpoint[key].violation(
            `was ${safeWord(was)} when the cluster was made`,
            `write ${safeWord(was)} again, or make a cluster of another name and move what runs`,
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
  why: "a control plane cannot move between machines and the management cluster: the other chart makes a new one, and loses etcd; and Cluster API gives no living cluster a class, nor takes one away",
  remedy: "keep the mode, or make another cluster and move what runs",
  example:
    "clusters.demo.mode: is standalone, and the cluster was made as hcp; write hcp again, or make a cluster of another name and move what runs",
  check: (subjects, context) =>
    clusterUpdates(subjects, context).flatMap(({ before, after }) => {
      const [was, is] = [modeOf(before), modeOf(after)];
      if (was === undefined || is === undefined) return [];
      if (was === is) return classFaults(before, after);
      return [
        {
          path: keyPath(after.at, "mode"),
          cluster: after.name,
          reason: `is ${is}, and the cluster was made as ${was}`,
          remedy: `write ${was} again, or make a cluster of another name and move what runs`,
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
      reason: `is ${is ? "on, and the cluster was made without it" : "off, and the cluster was made with it"}`,
      remedy: `${was ? "write true again" : "leave it out"}, or make a cluster of another name and move what runs`,
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
    "names and endpoints of all clusters, in the stack file of the base or in the state, by the review of a pull request alone: to Pulumi's engine a new name is one resource that goes and another that comes, and in its preview nothing but `protect` stands against that",
  why: "another name is another cluster: the one that is there would be deleted with all that runs on it",
  remedy: "keep the name; to change what people call it, use a label",
  example:
    "clusters.renamed: has the endpoint of demo, which is gone: a new name deletes a cluster and makes another; write demo again, or give the new cluster an endpoint of its own",
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
          reason: `has the endpoint of ${safeWord(name)}, which is gone: a new name deletes a cluster and makes another`,
          remedy: `write ${safeWord(name)} again, or give the new cluster an endpoint of its own`,
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
  why: "addresses of services and pods are in certificates, in etcd and on every node: no controller moves them",
  remedy: "keep the ranges, or make another cluster and move what runs",
  example:
    'clusters.demo.clusterNetwork.pods.cidrBlocks: ["10.99.0.0/16"] was ["10.243.0.0/16"] when the cluster was made; write that again, or make a cluster of another name and move what runs',
  check: (subjects, context) =>
    clusterUpdates(subjects, context).flatMap(({ before, after }) =>
      (["pods", "services"] as const).flatMap((key): Violation[] => {
        const [was, is] = [before.networks[key], after.networks[key]];
        if (!was.isSet || !is.isSet || canonical(was.value) === canonical(is.value)) return [];
        return [
          is.violation(
            `was ${safeWord(was.value)} when the cluster was made`,
            "write that again, or make a cluster of another name and move what runs",
          ),
        ];
      }),
    ),
};
