import type { PolicyTarget } from "../../../../../policy/rules/rule.ts";
import { configOf, objectOf, specOf, targetAt, validTargets } from "../valid-stack.ts";
import type { ViolationCase } from "./violation-case.ts";

const before = { previous: validTargets() };
/** A stack file that asked for another version of kcm before. */
const kcmBefore = (version: string) => {
  const previous = validTargets();
  specOf(previous, "management.kcm")["version"] = version;
  return { previous };
};
const renamed = (all: PolicyTarget[], name: string): void => {
  const demo = targetAt(all, "clusters.demo");
  Object.assign(demo, { at: `clusters.${name}` });
  (demo.object as { metadata: object }).metadata = { ...demo.object.metadata, name };
};

export const CHANGE: readonly ViolationCase[] = [
  {
    rule: "endpoint-is-immutable",
    settings: before,
    change: (all) => {
      configOf(all, "demo")["nutanix"].controlPlaneEndpoint.host = "10.1.1.210";
    },
  },
  {
    rule: "endpoint-is-immutable",
    name: "with its port",
    settings: before,
    change: (all) => {
      configOf(all, "demo")["nutanix"].controlPlaneEndpoint.port = 443;
    },
    expected: [
      "clusters.demo.nutanix.controlPlaneEndpoint.port: 443 was 6443 when the cluster was created; restore 6443, or create a cluster with another name and migrate the workloads",
    ],
  },
  {
    rule: "mode-is-immutable",
    settings: before,
    change: (all) => {
      objectOf(all, "clusters.demo")["spec"].template = "nutanix-k0s-standalone-1-0-0";
    },
  },
  {
    rule: "mode-is-immutable",
    name: "a class for a living cluster",
    settings: before,
    change: (all) => {
      configOf(all, "demo")["clusterClass"] = true;
    },
    expected: [
      "clusters.demo.clusterClass: is true, but the cluster was created without it; remove it, or create a cluster with another name and migrate the workloads",
    ],
  },
  { rule: "cluster-name-is-immutable", settings: before, change: (all) => renamed(all, "renamed") },
  {
    rule: "cluster-networks-are-immutable",
    settings: before,
    change: (all) => {
      configOf(all, "demo")["clusterNetwork"].pods.cidrBlocks = ["10.99.0.0/16"];
    },
  },
  { rule: "kcm-is-not-downgraded", settings: kcmBefore("1.11.4"), change: () => undefined },
  {
    rule: "kcm-is-not-downgraded",
    name: "within a line too",
    settings: kcmBefore("1.2.1"),
    change: () => undefined,
    expected: [
      'management.kcm.version: "1.2.0" is older than 1.2.1, which the management cluster runs; restore 1.2.1, or use a newer one',
    ],
  },
  {
    rule: "kcm-is-not-downgraded",
    name: "as far as the matrix goes",
    settings: before,
    change: (all) => {
      specOf(all, "management.kcm")["version"] = "1.3.0";
    },
    expected: [],
  },
  {
    rule: "kubernetes-upgrades-one-minor-at-a-time",
    settings: before,
    change: (all) => {
      configOf(all, "demo")["k0s"].version = "v1.34.1+k0s.0";
    },
  },
  {
    rule: "kubernetes-upgrades-one-minor-at-a-time",
    name: "and not back",
    settings: before,
    change: (all) => {
      configOf(all, "demo")["k0s"].version = "v1.31.5+k0s.0";
    },
    expected: [
      'clusters.demo.k0s.version: "v1.31.5+k0s.0" is older than v1.32.6+k0s.0, which the cluster runs; restore v1.32.6+k0s.0',
    ],
  },
  {
    rule: "kubernetes-upgrades-one-minor-at-a-time",
    name: "and may move by one",
    settings: before,
    change: (all) => {
      configOf(all, "demo")["k0s"].version = "v1.33.0+k0s.0";
    },
    expected: [],
  },
  {
    rule: "control-plane-rollout-is-allowed",
    settings: before,
    change: (all) => {
      configOf(all, "edge")["controlPlane"].memorySize = "16Gi";
    },
  },
  {
    rule: "control-plane-rollout-is-allowed",
    name: "which the stack file can say",
    settings: before,
    change: (all) => {
      configOf(all, "edge")["controlPlane"].memorySize = "16Gi";
      Object.assign(targetAt(all, "clusters.edge"), { options: { allowControlPlaneRollout: true } });
    },
    expected: [],
  },
  {
    rule: "control-plane-rollout-is-allowed",
    name: "and workers without one",
    settings: before,
    change: (all) => {
      configOf(all, "demo")["worker"].memorySize = "16Gi";
      configOf(all, "edge")["workersNumber"] = 9;
    },
    expected: [],
  },
  {
    rule: "production-clusters-are-protected",
    change: (all) => {
      Object.assign(targetAt(all, "clusters.demo"), { options: { protect: false } });
    },
  },
  {
    rule: "production-clusters-are-protected",
    name: "those of Cluster API too",
    capi: true,
    change: (all) => {
      Object.assign(targetAt(all, "Cluster kcm-system/raw"), { options: { protect: false } });
    },
    expected: [
      "NutanixCluster kcm-system/raw-nutanix protect: is false for a cluster in production; remove it, or waive this rule for the cluster until it is deleted",
    ],
  },
];
