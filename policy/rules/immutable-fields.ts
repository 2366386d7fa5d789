/** Rules about fields that cannot change on an existing cluster. */
import { COMPARED_TARGETS, clusterKey, clusterUpdates } from "./cluster-comparison.ts";
import type { ClusterFields } from "./cluster-fields.ts";
import { clustersOf } from "./clusters.ts";
import { hostKey } from "./endpoint-rules.ts";
import { optionField } from "./field.ts";
import { canonical } from "./plain-values.ts";
import { mandatory, type Rule } from "./rule.ts";
import { safeWord, type Violation } from "./violation.ts";

const RECREATE = "or create a cluster with another name and migrate the workloads";
const MIGRATE = "or create another cluster and migrate the workloads";

export const endpointIsImmutable: Rule = {
  name: "endpoint-is-immutable",
  category: "change",
  level: mandatory,
  comparesUpdates: true,
  inspects: `\`controlPlaneEndpoint\`, ${COMPARED_TARGETS}`,
  why: "nodes, kubeconfigs and certificates contain the endpoint: after a change the cluster is unreachable",
  remedy: `keep the endpoint, ${MIGRATE}`,
  example: `clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.210" was 10.1.1.200 when the cluster was created; restore 10.1.1.200, ${RECREATE}`,
  check: (targets, context) =>
    clusterUpdates(targets, context).flatMap(({ before, after }) =>
      (["host", "port"] as const).flatMap((key): Violation[] => {
        const [old, field] = [before.endpoint[key].value, after.endpoint[key]];
        if (old === undefined || field.value === undefined) return [];
        if (
          typeof old !== "object" &&
          typeof field.value !== "object" &&
          hostKey(`${old}`) === hostKey(`${field.value}`)
        )
          return [];
        return [
          field.violation(`was ${safeWord(old)} when the cluster was created`, `restore ${safeWord(old)}, ${RECREATE}`),
        ];
      }),
    ),
};

export const modeIsImmutable: Rule = {
  name: "mode-is-immutable",
  category: "change",
  level: mandatory,
  comparesUpdates: true,
  inspects: `the template of a ClusterDeployment with \`clusterClass\` of its values, or the kind of its control plane, ${COMPARED_TARGETS}`,
  why: "a control plane cannot move between machines and the management cluster: the other chart creates a new one and loses etcd; and Cluster API can neither add a ClusterClass to an existing cluster nor remove it",
  remedy: `keep the mode, ${MIGRATE}`,
  example: `clusters.demo.mode: is standalone, but the cluster was created as hcp; restore hcp, ${RECREATE}`,
  check: (targets, context) =>
    clusterUpdates(targets, context).flatMap(({ before, after }) => {
      const [old, mode] = [modeOf(before), modeOf(after)];
      if (old === undefined || mode === undefined) return [];
      if (old === mode) return classViolations(before, after);
      const reason = `is ${mode}, but the cluster was created as ${old}`;
      return [optionField(after.at, "mode", after.name).violation(reason, `restore ${old}, ${RECREATE}`)];
    }),
};

function modeOf({ standalone }: ClusterFields): string | undefined {
  return standalone === undefined ? undefined : standalone ? "standalone" : "hcp";
}

function classViolations(before: ClusterFields, after: ClusterFields): Violation[] {
  const [old, topology] = [before, after].map(({ config }) => config.at("clusterClass").value === true);
  if (old === topology || !before.config.isSet || !after.config.isSet) return [];
  const field = optionField(after.at, "clusterClass", after.name);
  return [
    topology
      ? field.violation("is true, but the cluster was created without it", `remove it, ${RECREATE}`)
      : field.violation("is false, but the cluster was created with it", `restore true, ${RECREATE}`),
  ];
}

export const clusterNameIsImmutable: Rule = {
  name: "cluster-name-is-immutable",
  category: "change",
  level: mandatory,
  comparesUpdates: true,
  inspects:
    "names and endpoints of all clusters, evaluated by reviews only: for Pulumi a new name is a deletion and a creation, which only `protect` prevents",
  why: "another name is another cluster: the existing one would be deleted with all its workloads",
  remedy: "keep the name, and use a label for a display name",
  example:
    "clusters.renamed: has the endpoint of the removed cluster demo: a new name deletes a cluster and creates another; restore demo, or use another endpoint for the new cluster",
  check: (targets, { previous = [] }) => {
    const [before, after] = [clustersOf(previous), clustersOf(targets)];
    const [oldKeys, newKeys] = [new Set(before.map(clusterKey)), new Set(after.map(clusterKey))];
    const removed = new Map(
      before.filter((one) => !newKeys.has(clusterKey(one))).map((one) => [endpointOf(one), one.name]),
    );
    return after.flatMap((cluster): Violation[] => {
      const name = removed.get(endpointOf(cluster));
      if (name === undefined || oldKeys.has(clusterKey(cluster)) || endpointOf(cluster) === "") return [];
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
  level: mandatory,
  comparesUpdates: true,
  inspects: `ranges of pods and services, ${COMPARED_TARGETS}`,
  why: "addresses of Services and pods are in certificates, in etcd and on every node: no controller migrates them",
  remedy: `keep the ranges, ${MIGRATE}`,
  example: `clusters.demo.clusterNetwork.pods.cidrBlocks: ["10.99.0.0/16"] was ["10.243.0.0/16"] when the cluster was created; restore it, ${RECREATE}`,
  check: (targets, context) =>
    clusterUpdates(targets, context).flatMap(({ before, after }) =>
      (["pods", "services"] as const).flatMap((key): Violation[] => {
        const [old, field] = [before.networks[key], after.networks[key]];
        if (!old.isSet || !field.isSet || canonical(old.value) === canonical(field.value)) return [];
        return [field.violation(`was ${safeWord(old.value)} when the cluster was created`, `restore it, ${RECREATE}`)];
      }),
    ),
};
