/** What is left: things that could not be seen, and clusters that no other diagnosis explains. */

import type { ReadinessStatus } from "../../kubernetes/readiness.ts";
import { clusterTrees } from "../resource-tree.ts";
import { type Diagnosis, type Found, nameOf } from "./finding.ts";
import { all, type DiagnosisInput } from "./input.ts";

export const cannotRead: Diagnosis = {
  id: "cannot-read",
  severity: "warning",
  means: "The kubeconfig's user may not read some kinds, so that a cause among them is not seen.",
  remedy: "use a kubeconfig that may list the kinds named in kcm-system, or ask somebody who has one to run the doctor",
  find: ({ snapshot, extra }: DiagnosisInput) => {
    const gaps = [...snapshot.gaps, ...extra.gaps].filter(({ why }) => why !== "not served");
    if (gaps.length === 0) return [];
    const kinds = gaps.map(({ kind }) => kind).join(", ");
    const evidence = gaps.map(({ kind, message }) => ({ what: "object" as const, of: `kind ${kind}`, text: message }));
    return [
      {
        subject: "the kubeconfig's user",
        cause: `not everything could be read: ${kinds}`,
        evidence: evidence.slice(0, 5),
      },
    ];
  },
};

/** What holds a cluster up, by its tree. */
function heldUp(the: DiagnosisInput, states: readonly ReadinessStatus[]): Found[] {
  return clusterTrees(the.snapshot).flatMap((chain): Found[] => {
    const last = chain.blockedBy.at(-1);
    if (last === undefined || !states.includes(last.state)) return [];
    const { type = "status", message = "no reason given", reason, since } = last.cause ?? {};
    const object = { kind: last.kind, metadata: { name: last.name } };
    return [
      {
        subject: nameOf(object),
        cluster: chain.name,
        cause: `${chain.name} is held up by ${nameOf(object)}: ${message.split("\n").join("; ")}`,
        evidence: [
          {
            what: "condition",
            of: nameOf(object),
            text: [type, reason, message].filter(Boolean).join(": "),
            ...(since === undefined ? {} : { since }),
          },
        ],
      },
    ];
  });
}

export const failedOtherwise: Diagnosis = {
  id: "cluster-failed",
  severity: "error",
  means: "A cluster does not work, for a reason that no other diagnosis knows; what holds it up is named.",
  remedy: "read the condition; `npm run doctor -- --bundle doctor.tar.gz` collects what a ticket needs",
  yieldsTo: "cluster",
  find: (the) => heldUp(the, ["Failed", "NotFound"]),
};

export const underWay: Diagnosis = {
  id: "cluster-under-way",
  severity: "info",
  means: "A cluster is being made, changed or deleted, and nothing says that it cannot be.",
  remedy: "wait; look again with `npm run status -- --watch`",
  yieldsTo: "cluster",
  find: (the) => heldUp(the, ["InProgress", "Terminating"]),
};

export const sharedMachines: Diagnosis = {
  id: "vm-shared",
  severity: "error",
  means:
    "Two machines claim one virtual machine: two clusters of one name meet on one Prism Central, and whichever is deleted takes the other's machine with it.",
  remedy:
    "delete neither cluster before it is clear whose the virtual machine is; rename one of them in the stack file",
  find: (the) => {
    const claims = new Map<string, string[]>();
    for (const { metadata, status } of all(the, "NutanixMachine")) {
      const uuid = status?.["vmUUID"];
      if (typeof uuid === "string" && uuid !== "") claims.set(uuid, [...(claims.get(uuid) ?? []), metadata.name]);
    }
    return [...claims].flatMap(([uuid, names]): Found[] =>
      names.length < 2
        ? []
        : [
            {
              subject: `NutanixMachine ${names[0]}`,
              cause: `${names.join(" and ")} claim one virtual machine, ${uuid}`,
              evidence: names.map((name) => ({ what: "status", of: `NutanixMachine ${name}`, text: `vmUUID ${uuid}` })),
            },
          ],
    );
  },
};
