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
  why: "Kubernetes supports no jump over a minor version and no way back: the API server may not read what is in etcd",
  remedy: "go through every minor version, one after the other",
  example:
    'clusters.demo.k0s.version: "v1.34.1+k0s.0" is more than one minor version from v1.32.6+k0s.0; take a release of 1.33 first',
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
              `write ${safeWord(was)} again`,
            )
          : after.k0s.version.violation(
              `is more than one minor version from ${safeWord(was)}`,
              `take a release of ${safeWord(next)} first`,
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
  inspects: `what control plane machines are made of, ${COMPARED_TARGETS}; \`allowControlPlaneRollout\` of the cluster`,
  why: "each control plane machine is made anew, and etcd lives on them: it is done when somebody has time to watch, after a backup",
  remedy: "write `allowControlPlaneRollout: true` for the cluster, and take it out when it is done",
  example:
    "clusters.edge.controlPlane.memorySize: is changed, and every control plane machine would be made anew; write allowControlPlaneRollout: true for the cluster once there is a backup of etcd, or take the change back",
  check: (subjects, context) =>
    clusterUpdates(subjects, context).flatMap(({ before, after }): Violation[] => {
      if (after.options.allowControlPlaneRollout === true) return [];
      const [was, is] = [ownMachines(before), ownMachines(after)];
      if (was === undefined || is === undefined) return [];
      return MADE_OF.filter((key) => canonical(was(key).value) !== canonical(is(key).value))
        .slice(0, 1)
        .map((key) =>
          is(key).violationWithoutValue(
            "is changed, and every control plane machine would be made anew",
            "write allowControlPlaneRollout: true for the cluster once there is a backup of etcd, or take the change back",
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
  why: "a cluster that is taken out of a stack file, or renamed in it, is deleted with its machines and their disks",
  remedy: "leave `protect` out; to delete a cluster, waive this rule for it, with a reason and a day",
  example:
    "clusters.demo.protect: is false for a cluster in production; take it out, or waive this rule for the cluster until it is deleted",
  check: (subjects) =>
    clustersOf(subjects)
      .filter(({ options }) => options.protect === false)
      .map(({ at, name }) => ({
        path: keyPath(at, "protect"),
        cluster: name,
        reason: "is false for a cluster in production",
        remedy: "take it out, or waive this rule for the cluster until it is deleted",
      })),
};
