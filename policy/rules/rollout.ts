/** Rules about updates that replace machines or delete clusters. */
import { COMPARED_TARGETS, clusterUpdates } from "./cluster-comparison.ts";
import { controlPlaneGroups, type MachineKey } from "./cluster-fields.ts";
import { clustersOf } from "./clusters.ts";
import { optionField } from "./field.ts";
import { canonical } from "./plain-values.ts";
import { inProduction, mandatory, type Rule } from "./rule.ts";
import { compareMinors, minorOf } from "./versions.ts";
import { safeWord, type Violation } from "./violation.ts";

export const kubernetesUpgradesOneMinorAtATime: Rule = {
  name: "kubernetes-upgrades-one-minor-at-a-time",
  category: "change",
  level: mandatory,
  comparesUpdates: true,
  inspects: `the k0s version of each cluster, ${COMPARED_TARGETS}`,
  why: "Kubernetes supports neither skipping a minor version nor a downgrade: the API server may not read the data in etcd",
  remedy: "upgrade one minor version at a time",
  example:
    'clusters.demo.k0s.version: "v1.34.1+k0s.0" is more than one minor version above v1.32.6+k0s.0; upgrade to a 1.33 release first',
  check: (targets, context) =>
    clusterUpdates(targets, context).flatMap(({ before, after }): Violation[] => {
      const [old, field] = [before.k0s.version.text, after.k0s.version];
      if (old === undefined || field.text === undefined) return [];
      const [from, to] = [minorOf(old), minorOf(field.text)];
      const next = from.replace(/\d+$/, (minor) => String(Number(minor) + 1));
      if (from === to || next === to) return [];
      return [
        compareMinors(to, from) < 0
          ? field.violation(`is older than ${safeWord(old)}, which the cluster runs`, `restore ${safeWord(old)}`)
          : field.violation(
              `is more than one minor version above ${safeWord(old)}`,
              `upgrade to a ${safeWord(next)} release first`,
            ),
      ];
    }),
};

/** Fields of a machine template: a change of one replaces the machines. */
const TEMPLATE_FIELDS: readonly MachineKey[] = [
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
  level: mandatory,
  comparesUpdates: true,
  inspects: `fields of the control plane machine template, ${COMPARED_TARGETS}; \`allowControlPlaneRollout\` of the cluster`,
  why: "every control plane machine is replaced, and etcd runs on them: plan it, after a backup of etcd",
  remedy: "set `allowControlPlaneRollout: true` for the cluster, and remove it afterwards",
  example:
    "clusters.edge.controlPlane.memorySize: changes, which replaces every control plane machine; set allowControlPlaneRollout: true for the cluster after a backup of etcd, or revert the change",
  check: (targets, context) =>
    clusterUpdates(targets, context).flatMap(({ before, after }): Violation[] => {
      const [old] = controlPlaneGroups(before);
      const [group] = controlPlaneGroups(after);
      if (after.options.allowControlPlaneRollout === true || old === undefined || group === undefined) return [];
      const changed = TEMPLATE_FIELDS.find(
        (key) => canonical(old.machine(key).value) !== canonical(group.machine(key).value),
      );
      if (changed === undefined) return [];
      return [
        group
          .machine(changed)
          .redacted(
            "changes, which replaces every control plane machine",
            "set allowControlPlaneRollout: true for the cluster after a backup of etcd, or revert the change",
          ),
      ];
    }),
};

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
  check: (targets) =>
    clustersOf(targets)
      .filter(({ options }) => options.protect === false)
      .map(({ at, name }) =>
        optionField(at, "protect", name).violation(
          "is false for a cluster in production",
          "remove it, or waive this rule for the cluster until it is deleted",
        ),
      ),
};
