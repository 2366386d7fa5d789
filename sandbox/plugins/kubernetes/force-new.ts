import type { ValueMap } from "../property-values.ts";
import { gvkOf, isPatch } from "./object-names.ts";

const IDENTITY = [".metadata.name", ".metadata.namespace"];
const SELECTOR = [".spec.selector"];

const BY_KIND: Record<string, readonly string[]> = {
  "apps/DaemonSet": SELECTOR,
  "apps/Deployment": SELECTOR,
  "apps/StatefulSet": [
    ".spec.podManagementPolicy",
    ".spec.revisionHistoryLimit",
    ".spec.selector",
    ".spec.serviceName",
    ".spec.volumeClaimTemplates",
  ],
  "batch/Job": [".spec.completions", ".spec.selector", ".spec.template"],
  "rbac.authorization.k8s.io/ClusterRoleBinding": [".roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": [".roleRef"],
  "storage.k8s.io/StorageClass": [".parameters", ".provisioner"],
  "/PersistentVolumeClaim": [".spec.accessModes", ".spec.selector", ".spec.storageClassName", ".spec.volumeName"],
  "/Pod": [
    ".spec.containers[*].name",
    ".spec.containers[*].env",
    ".spec.containers[*].command",
    ".spec.containers[*].args",
    ".spec.nodeName",
    ".spec.volumes",
  ],
  "/Service": [".spec.clusterIP"],
};

/** Paths whose change makes a new object; the data of Secrets and ConfigMaps unless the provider says otherwise. */
export function forceNewPaths(
  urn: string,
  object: ValueMap,
  mutable: { secrets: boolean; configMaps: boolean },
): readonly string[] {
  if (isPatch(urn, object)) {
    return IDENTITY;
  }
  const { group, kind } = gvkOf(object);
  const immutable = object["immutable"] === true;
  if (group === "" && kind === "Secret") {
    return mutable.secrets && !immutable ? [...IDENTITY, ".type"] : [...IDENTITY, ".type", ".stringData", ".data"];
  }
  if (group === "" && kind === "ConfigMap" && (!mutable.configMaps || immutable)) {
    return [...IDENTITY, ".binaryData", ".data"];
  }
  return [...IDENTITY, ...(BY_KIND[`${group}/${kind}`] ?? [])];
}
