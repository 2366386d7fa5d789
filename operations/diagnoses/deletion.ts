/** Deletions that do not end: who holds what, and what that one waits for. */

import { conditionsOf } from "../../kubernetes/conditions.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { type Diagnosis, type Evidence, type Found, nameOf, ofCondition, ofEvent } from "./finding.ts";
import { all, clusterOf, type DiagnosisInput, eventsOf, falseOf, linesOf, minutesSince } from "./input.ts";
import { firstLine } from "./management-health.ts";

/** Minutes after which a deletion is no longer simply under way. */
const PATIENCE = 5;

/** Kinds from the innermost to the outermost: what is inside holds what is outside. */
const INWARDS = [
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

/** Whose a finalizer is: the first pattern that fits. */
const HOLDERS: readonly (readonly [RegExp, string])[] = [
  [/nutanix/, "CAPX"],
  [/^foregroundDeletion$/, "Kubernetes' garbage collector, until everything that the object owns is gone"],
  [/controlplane\.cluster|k0s/, "k0smotron"],
  [/fluxcd/, "Flux"],
  [/k0rdent|kcm/, "kcm"],
  [/^provider\.cluster\.x-k8s\.io/, "the Cluster API operator"],
  [/cluster\.x-k8s\.io/, "Cluster API"],
];

/** Who has to take a finalizer away. */
export function holderOf(finalizer: string): string {
  return HOLDERS.find(([pattern]) => pattern.test(finalizer))?.[1] ?? "a controller that is not of this system";
}

const MAY_NOT = /forbidden|cannot (?:get|list|patch|update|watch) resource/i;

export const rightsMissing: Diagnosis = {
  id: "kcm-rights-missing",
  severity: "error",
  means:
    "kcm may not change NutanixClusters, and lets go of a cluster only through them: every deletion hangs. kcm 1.2 and 1.3 need a ClusterRole and a binding of their own, later ones a label on the ClusterRole.",
  remedy:
    "run `pulumi up`: the Helm release nutanix-capx brings the ClusterRole nutanix-capx-kcm-manager and its binding; see that nobody removed them",
  find: (the) => {
    const aboutNutanix = (text: string) =>
      MAY_NOT.test(text) && /nutanix(clusters|machines|machinetemplates)/i.test(text);
    const found = all(the, "ClusterDeployment").flatMap((cluster): Found[] => {
      const said: Evidence[] = [
        ...conditionsOf(cluster)
          .filter(({ message = "" }) => aboutNutanix(message))
          .map((condition) => ofCondition(cluster, condition)),
        ...eventsOf(the, cluster)
          .filter(({ message = "" }) => aboutNutanix(message))
          .map(ofEvent),
      ];
      if (said.length === 0) return [];
      const cause = `kcm may not let go of ${cluster.metadata.name}: it lacks rights on NutanixClusters`;
      return [{ subject: nameOf(cluster), cluster: cluster.metadata.name, cause, evidence: said.slice(0, 3) }];
    });
    const lines = linesOf(the, "kcm", /forbidden/i).filter(({ line }) => aboutNutanix(line));
    if (found.length > 0 || lines.length === 0) return found;
    const evidence = lines.slice(-2).map(({ pod, line }) => ({ what: "log" as const, of: `Pod ${pod}`, text: line }));
    return [
      { subject: "ClusterRole nutanix-capx-kcm-manager", cause: "kcm lacks rights on NutanixClusters", evidence },
    ];
  },
};

export const vmNotDeleted: Diagnosis = {
  id: "vm-not-deleted",
  severity: "error",
  means:
    "CAPX cannot delete a virtual machine: Prism Central refuses, the machine is protected or busy, or a volume group cannot be detached.",
  remedy:
    "mend what the message says (in Prism Central: protection, a running task, a volume group); CAPX tries again by itself. Do not take the finalizer away: the virtual machine would stay",
  find: (the) =>
    all(the, "NutanixMachine").flatMap((machine): Found[] => {
      const condition = falseOf(machine, "VMProvisioned");
      if (machine.metadata.deletionTimestamp === undefined) return [];
      if (condition === undefined || !/DeletionFailed|VolumeGroupDetachFailed/.test(condition.reason ?? "")) return [];
      return [
        {
          subject: nameOf(machine),
          cluster: clusterOf(machine),
          cause: `the virtual machine ${machine.metadata.name} cannot be deleted: ${firstLine(condition.message ?? "no reason given")}`,
          evidence: [ofCondition(machine, condition), ...eventsOf(the, machine).slice(0, 1).map(ofEvent)],
        },
      ];
    }),
};

/** The objects of a deletion that do not go, innermost first. */
export function held(the: DiagnosisInput): KubernetesObject[] {
  return INWARDS.flatMap((kind) =>
    all(the, kind).filter(
      ({ metadata: { deletionTimestamp, finalizers = [] } }) =>
        deletionTimestamp !== undefined && finalizers.length > 0 && minutesSince(the, deletionTimestamp) >= PATIENCE,
    ),
  );
}

export const deletionHeld: Diagnosis = {
  id: "deletion-held",
  severity: "error",
  means:
    "An object is being deleted and a finalizer holds it: its controller still has work to do, cannot do it, or does not run. What is inside holds what is outside, so that the innermost object is the one to look at.",
  remedy:
    "see that the controller named runs, and what its log says of the object; `npm run recover -- --cluster NAME` tries the safe steps. A finalizer that is taken away leaves what it guards: for a NutanixMachine, a virtual machine that nobody deletes any more",
  yieldsTo: "cluster",
  find: (the) => {
    const stuck = held(the);
    // One finding a cluster: of the objects of one cluster the innermost.
    const firsts = stuck.filter((object, index) => {
      const cluster = clusterOf(object);
      return cluster === undefined || stuck.findIndex((other) => clusterOf(other) === cluster) === index;
    });
    return firsts.map((object): Found => {
      const { deletionTimestamp = "", finalizers = [], name } = object.metadata;
      const cluster = clusterOf(object);
      const others = stuck.filter((other) => other !== object && cluster !== undefined && clusterOf(other) === cluster);
      const holders = finalizers.map((finalizer) => `${finalizer} (${holderOf(finalizer)})`).join(", ");
      const minutes = Math.round(minutesSince(the, deletionTimestamp));
      return {
        subject: nameOf(object),
        cluster,
        cause: `${object.kind} ${name} is being deleted for ${minutes} minutes, held by ${holders}`,
        evidence: [object, ...others].slice(0, 5).map((one) => ({
          what: "object" as const,
          of: nameOf(one),
          text: `being deleted, finalizers: ${one.metadata.finalizers?.join(", ")}`,
          since: one.metadata.deletionTimestamp ?? "",
        })),
      };
    });
  },
};
