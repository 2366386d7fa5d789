/** Does a living cluster move one step at a time, and by decision? */

import { type ClusterFields, clustersOf, type MachineKey } from "./cluster-fields.ts";
import { COMPARED_TARGETS, clusterUpdates } from "./cluster-updates.ts";
import { keyPath } from "./field.ts";
import { canonical } from "./plain-values.ts";
import { always, inProduction, type Rule } from "./rule.ts";
import { compareMinors, minorOf } from "./versions.ts";
import { safeWord, type Violation } from "./violation.ts";

export const kubernetesUpgradesOneMinorAtATime: Rule = {
  name: "kubernetes-upgrades-one-minor-at-a-time",
  category: "change",
  level: always("mandatory"),
  comparesUpdates: true,
  inspects: `the k0s version of each cluster, ${COMPARED_TARGETS}`,
  why: "Kubernetes supports neither skipping a minor version nor a downgrade: the API server may not read the data in etcd",
  remedy: "upgrade one minor version at a time",
  example:
    'clusters.demo.k0s.version: "v1.34.1+k0s.0" is more than one minor version above v1.32.6+k0s.0; upgrade to a 1.33 release first',
  check: (subjects, context) =>
    clusterUpdates(subjects, context).flatMap(({ before, after }) => {
      const [was, is] = [before.k0s.version.text, after.k0s.version.text];
      if (was === undefined || is === undefined) return [];
      const [from, to] = [minorOf(was), minorOf(is)];
      const next = from.replace(/\d+$/, (minor) => String(Number(minor) + 1));
      if (from === to || next === to) return [];
      return [
        compareMinors(to, from) < 0
          ? after.k0s.version.violation(
              `is older than ${safeWord(was)}, which the cluster runs`,
              `restore ${safeWord(was)}`,
            )
          : after.k0s.version.violation(
              `is more than one minor version above ${safeWord(was)}`,
              `upgrade to a ${safeWord(next)} release first`,
            ),
      ];
    }),
};

/** What a machine is made of: another value of one makes another machine template, and so new machines. */
const MADE_OF: readonly MachineKey[] = [
  "vcpusPerSocket",
  "vcpuSockets",
  "memorySize",
  "systemDiskSize",
  "bootType",
  "image",
  "imageLookup",
  "cluster",
  "subnets",
  "project",
  "additionalCategories",
  "gpus",
  "dataDisks",
  "failureDomains",
];

export const controlPlaneRolloutIsAllowed: Rule = {
  name: "control-plane-rollout-is-allowed",
  category: "change",
  level: always("mandatory"),
  comparesUpdates: true,
  inspects: `fields of the control plane machine template, ${COMPARED_TARGETS}; \`allowControlPlaneRollout\` of the cluster`,
  why: "every control plane machine is replaced, and etcd runs on them: plan it, after a backup of etcd",
  remedy: "set `allowControlPlaneRollout: true` for the cluster, and remove it afterwards",
  example:
    "clusters.edge.controlPlane.memorySize: changes, which replaces every control plane machine; set allowControlPlaneRollout: true for the cluster after a backup of etcd, or revert the change",
  check: (subjects, context) =>
    clusterUpdates(subjects, context).flatMap(({ before, after }): Violation[] => {
      if (after.options.allowControlPlaneRollout === true) return [];
      const [was, is] = [ownMachines(before), ownMachines(after)];
      if (was === undefined || is === undefined) return [];
      return MADE_OF.filter((key) => canonical(was(key).value) !== canonical(is(key).value))
        .slice(0, 1)
        .map((key) =>
          is(key).violationWithoutValue(
            "changes, which replaces every control plane machine",
            "set allowControlPlaneRollout: true for the cluster after a backup of etcd, or revert the change",
          ),
        );
    }),
};

function ownMachines({ groups }: ClusterFields) {
  return groups.find(({ role }) => role === "controlPlane")?.machine;
}

export const productionClustersAreProtected: Rule = {
  name: "production-clusters-are-protected",
  category: "change",
  level: (settings) => (inProduction(settings) ? "mandatory" : "disabled"),
  inspects:
    "the option `protect` of ClusterDeployments and of Clusters of Cluster API; `protect` of a cluster in the stack file",
  why: "a cluster that is removed from a stack file, or renamed in it, is deleted with its machines and their disks",
  remedy: "remove `protect`; to delete a cluster, waive this rule for it, with a reason and a date",
  example:
    "clusters.demo.protect: is false for a cluster in production; remove it, or waive this rule for the cluster until it is deleted",
  check: (subjects) =>
    clustersOf(subjects)
      .filter(({ options }) => options.protect === false)
      .map(({ at, name }) => ({
        path: keyPath(at, "protect"),
        cluster: name,
        reason: "is false for a cluster in production",
        remedy: "remove it, or waive this rule for the cluster until it is deleted",
      })),
};
