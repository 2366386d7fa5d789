/** Clusters that no other diagnosis explains, and kinds that could not be read. */
import { textAt } from "../../kubernetes/object.ts";
import { formatCause, type ReadinessStatus } from "../../kubernetes/readiness.ts";
import { clusterTrees } from "../resource-tree.ts";
import { type Diagnosis, nameOf, type Observation, someOf, statusEvidence } from "./finding.ts";
import { sharingOf } from "./input.ts";

export const cannotRead: Diagnosis = {
  id: "cannot-read",
  severity: "warning",
  description: "The kubeconfig's user may not read some kinds, so that a cause among them is not seen.",
  remedy: "use a kubeconfig whose user may list these kinds in kcm-system",
  find: ({ snapshot, additional }) => {
    const gaps = [...snapshot.gaps, ...additional.gaps].filter(({ why }) => why !== "not served");
    if (gaps.length === 0) return [];
    const evidence = gaps.map(({ kind, message }) => ({ what: "object" as const, of: `kind ${kind}`, text: message }));
    return [
      {
        subject: "the kubeconfig's user",
        cause: `some kinds could not be read: ${gaps.map(({ kind }) => kind).join(", ")}`,
        evidence: evidence.slice(0, 5),
      },
    ];
  },
};

/** Clusters whose root cause has one of these states. */
function blockedClusters(...states: readonly ReadinessStatus[]): Diagnosis["find"] {
  return ({ snapshot }) =>
    clusterTrees(snapshot).flatMap(({ name: cluster, blockedBy }): Observation[] => {
      const last = blockedBy.at(-1);
      if (last === undefined || !states.includes(last.state)) return [];
      const { kind, name, cause = { type: "status", message: "no reason given" } } = last;
      const subject = `${kind} ${name}`;
      const since = cause.since === undefined ? {} : { since: cause.since };
      return [
        {
          subject,
          cluster,
          cause: `${cluster} is blocked by ${subject}: ${cause.message.split("\n").join("; ")}`,
          evidence: [{ what: "condition", of: subject, text: formatCause(cause), ...since }],
        },
      ];
    });
}

export const clusterFailed: Diagnosis = {
  id: "cluster-failed",
  severity: "error",
  description:
    "A cluster does not work, for a reason that no other diagnosis covers; the object that blocks it is named.",
  remedy: "read the condition; `npm run doctor -- --bundle doctor.tar.gz` collects what a ticket needs",
  yieldsTo: "cluster",
  find: blockedClusters("Failed", "NotFound"),
};

export const clusterInProgress: Diagnosis = {
  id: "cluster-in-progress",
  severity: "info",
  description: "A cluster is being created, updated or deleted, and no object reports an error.",
  remedy: "wait, and watch it with `npm run status -- --watch`",
  yieldsTo: "cluster",
  find: blockedClusters("InProgress", "Terminating"),
};

export const sharedMachines: Diagnosis = {
  id: "vm-shared",
  severity: "error",
  description:
    "Two NutanixMachines have one virtual machine: two clusters of one name use one Prism Central, and the deletion of either deletes the other's machine.",
  remedy: "delete neither cluster before you know whose the virtual machine is; rename one of them in the stack file",
  find: (input) =>
    sharingOf(input, "NutanixMachine", ({ status }) => textAt(status, "vmUUID")).map(({ value, first, all }) => {
      const names = all.map(({ metadata }) => metadata.name);
      return {
        subject: nameOf(first),
        cause: `${someOf(names, " and ")} have one virtual machine, ${value}`,
        evidence: all.map((machine) => statusEvidence(machine, `vmUUID ${value}`)),
      };
    }),
};
