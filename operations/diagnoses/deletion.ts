/** Deletions that do not finish. */
import { conditionsOf } from "../../kubernetes/conditions.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import {
  conditionEvidence,
  type Diagnosis,
  eventEvidence,
  firstLine,
  forEachObject,
  logEvidence,
  nameOf,
  type Observation,
} from "./finding.ts";
import {
  clusterOf,
  type DiagnosisInput,
  eventsOf,
  falseCondition,
  logLines,
  minutesSince,
  objectsOf,
} from "./input.ts";
import { clusterErrors, clusterName } from "./nutanix-cluster.ts";

/** Minutes after which a deletion counts as stuck. */
const STUCK_MINUTES = 5;

/** Kinds from the innermost to the outermost: an inner object blocks the outer ones. */
const INNERMOST_FIRST = [
  "NutanixMachine",
  "Machine",
  "MachineSet",
  "MachineDeployment",
  "K0sControlPlane",
  "K0smotronControlPlane",
  "NutanixCluster",
  "Cluster",
  "Secret",
  "ConfigMap",
  "HelmRelease",
  "ClusterDeployment",
  "Credential",
  "ClusterTemplate",
  "ProviderTemplate",
  "InfrastructureProvider",
  "Management",
] as const;

/** Controllers by their finalizers: the first pattern that matches. */
const OWNERS: readonly (readonly [RegExp, string])[] = [
  [/nutanix/, "CAPX"],
  [/^foregroundDeletion$/, "the Kubernetes garbage collector, until all owned objects are deleted"],
  [/controlplane\.cluster|k0s/, "k0smotron"],
  [/fluxcd/, "Flux"],
  [/k0rdent|kcm/, "kcm"],
  [/^provider\.cluster\.x-k8s\.io/, "the Cluster API operator"],
  [/cluster\.x-k8s\.io/, "Cluster API"],
];

/** The controller that removes a finalizer. */
export function finalizerOwner(finalizer: string): string {
  return OWNERS.find(([pattern]) => pattern.test(finalizer))?.[1] ?? "an unknown controller";
}

function isForbidden(text = ""): boolean {
  return (
    /forbidden|cannot (?:get|list|patch|update|watch) resource/i.test(text) &&
    /nutanix(clusters|machines|machinetemplates)/i.test(text)
  );
}

export const kcmForbidden: Diagnosis = {
  id: "kcm-permissions-missing",
  severity: "error",
  description:
    "kcm may not update NutanixClusters, which it must do to remove its finalizer from a cluster: every deletion hangs. kcm 1.2 and 1.3 need a ClusterRole and a binding, later ones a label on the ClusterRole.",
  remedy:
    "run `pulumi up`: the Helm release nutanix-capx creates the ClusterRole nutanix-capx-kcm-manager and its binding; check that they were not removed",
  find: (input) => {
    const found = forEachObject(["ClusterDeployment"], (cluster) => {
      const evidence = [
        ...conditionsOf(cluster)
          .filter(({ message }) => isForbidden(message))
          .map((condition) => conditionEvidence(cluster, condition)),
        ...eventsOf(input, cluster)
          .filter(({ message }) => isForbidden(message))
          .map(eventEvidence),
      ].slice(0, 3);
      if (evidence.length === 0) return undefined;
      return {
        cause: `kcm cannot release ${cluster.metadata.name}: it lacks permissions on NutanixClusters`,
        evidence,
      };
    })(input);
    const lines = logLines(input, "kcm", /forbidden/i).filter(({ line }) => isForbidden(line));
    if (found.length > 0 || lines.length === 0) return found;
    const subject = "ClusterRole nutanix-capx-kcm-manager";
    return [{ subject, cause: "kcm lacks permissions on NutanixClusters", evidence: lines.slice(-2).map(logEvidence) }];
  },
};

export const vmNotDeleted: Diagnosis = {
  id: "vm-not-deleted",
  severity: "error",
  description:
    "CAPX cannot delete a virtual machine: Prism Central rejects it, the machine is protected or busy, or a volume group cannot be detached.",
  remedy:
    "fix what the message says in Prism Central (protection, a running task, a volume group); CAPX retries by itself. Do not remove the finalizer: the virtual machine would be left behind",
  find: forEachObject(["NutanixMachine"], (machine, input) => {
    const condition = falseCondition(machine, "VMProvisioned");
    if (machine.metadata.deletionTimestamp === undefined) return undefined;
    if (condition === undefined || !/DeletionFailed|VolumeGroupDetachFailed/.test(condition.reason ?? ""))
      return undefined;
    return {
      cause: `the virtual machine ${machine.metadata.name} cannot be deleted: ${firstLine(condition.message ?? "no reason given")}`,
      evidence: [conditionEvidence(machine, condition), ...eventsOf(input, machine).slice(0, 1).map(eventEvidence)],
    };
  }),
};

const CATEGORY =
  /(?:failed to delete category(?: value)? with key(?::value)?|cannot remove category with key) ([^\s"]+?)[.:]?(?=\s|"|$)/;

export const categoryInUse: Diagnosis = {
  id: "category-in-use",
  severity: "error",
  description:
    "CAPX cannot delete the category of a cluster that is being deleted: something in Prism Central still has it, such as a virtual machine or a volume group that does not belong to the cluster.",
  remedy:
    "find in Prism Central what has the category, and remove the category from it or delete it; CAPX retries by itself",
  find: forEachObject(["NutanixCluster"], (cluster, input) => {
    if (cluster.metadata.deletionTimestamp === undefined) return undefined;
    const errors = clusterErrors(input, cluster).flatMap(({ text, evidence }) => {
      const category = CATEGORY.exec(text)?.[1];
      return category === undefined ? [] : [{ category, evidence }];
    });
    const categories = [...new Set(errors.map(({ category }) => category))];
    if (categories.length === 0) return undefined;
    return {
      cause: `the category ${categories.join(", ")} of ${clusterName(cluster)} cannot be deleted: it is in use`,
      evidence: errors.map(({ evidence }) => evidence).slice(0, 3),
    };
  }),
};

/** Objects whose deletion is stuck, innermost first. */
function stuckDeletions(input: DiagnosisInput): KubernetesObject[] {
  return INNERMOST_FIRST.flatMap((kind) => objectsOf(input, kind).filter((object) => isStuck(input, object)));
}

/** Whether finalizers block an object's deletion for longer than usual. */
export function isStuck(
  input: DiagnosisInput,
  { metadata: { deletionTimestamp, finalizers = [] } }: KubernetesObject,
): boolean {
  return (
    deletionTimestamp !== undefined && finalizers.length > 0 && minutesSince(input, deletionTimestamp) >= STUCK_MINUTES
  );
}

export const deletionBlocked: Diagnosis = {
  id: "deletion-blocked",
  severity: "error",
  description:
    "A finalizer blocks the deletion of an object: its controller still has work to do, cannot do it, or does not run. An inner object blocks the outer ones, so start with the innermost.",
  remedy:
    "check that the named controller runs, and read its log; `npm run recover -- --cluster NAME` tries the safe steps. Removing a finalizer leaves behind what it protects: for a NutanixMachine, its virtual machine",
  yieldsTo: "cluster",
  find: (input) => {
    const stuck = stuckDeletions(input);
    // One finding a cluster: its innermost object.
    const first = stuck.filter((object, index) => {
      const cluster = clusterOf(object);
      return cluster === undefined || stuck.findIndex((other) => clusterOf(other) === cluster) === index;
    });
    return first.map((object): Observation => {
      const { deletionTimestamp, finalizers = [], name } = object.metadata;
      const cluster = clusterOf(object);
      const others = stuck.filter((other) => other !== object && cluster !== undefined && clusterOf(other) === cluster);
      const blockers = finalizers.map((finalizer) => `${finalizer} (${finalizerOwner(finalizer)})`).join(", ");
      const minutes = Math.round(minutesSince(input, deletionTimestamp));
      return {
        subject: nameOf(object),
        cluster,
        cause: `${object.kind} ${name} has been terminating for ${minutes} minutes, blocked by ${blockers}`,
        evidence: [object, ...others].slice(0, 5).map(({ kind, metadata }) => ({
          what: "object",
          of: `${kind} ${metadata.name}`,
          text: `terminating, finalizers: ${metadata.finalizers?.join(", ")}`,
          since: metadata.deletionTimestamp ?? "",
        })),
      };
    });
  },
};
