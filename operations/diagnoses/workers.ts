/** Workers that are held back, or that are not what their template says. */

import { conditionsOf } from "../../kubernetes/conditions.ts";
import { at } from "../../kubernetes/object.ts";
import { type Diagnosis, type Found, nameOf, ofCondition, ofStatus } from "./finding.ts";
import { all, clusterOf, falseOf } from "./input.ts";

/** Fields of a NutanixMachine that its template decides. */
const SIZES = [
  "memorySize",
  "vcpuSockets",
  "vcpusPerSocket",
  "systemDiskSize",
  "image",
  "cluster",
  "subnet",
  "bootType",
  "project",
  "gpus",
] as const;

export const templateEdited: Diagnosis = {
  id: "template-edit-rolls-nothing",
  severity: "warning",
  means:
    "A NutanixMachineTemplate was edited. Machines are rolled by a new template's name only, never by a new content: the machines that run stay as they are, and new ones differ from them.",
  remedy:
    "make the change in the stack file and run `pulumi up`: it makes a template of another name, and the machines are rolled one by one",
  find: (the) =>
    all(the, "NutanixMachineTemplate").flatMap((template): Found[] => {
      const wanted = (at(template.spec, "template", "spec") ?? {}) as Record<string, unknown>;
      const differing = all(the, "NutanixMachine").flatMap((machine) => {
        if (machine.metadata.annotations?.["cluster.x-k8s.io/cloned-from-name"] !== template.metadata.name) return [];
        const fields = SIZES.filter((field) => sorted(at(machine.spec, field)) !== sorted(wanted[field]));
        return fields.length === 0 ? [] : [{ machine, fields }];
      });
      const [first] = differing;
      if (first === undefined) return [];
      const cluster = clusterOf(template) ?? clusterOf(first.machine);
      return [
        {
          subject: nameOf(template),
          cluster,
          cause: `the template ${template.metadata.name} was edited (${first.fields.join(", ")}), and ${differing.length} of its machines are as they were`,
          evidence: differing
            .slice(0, 3)
            .map(({ machine, fields }) =>
              ofStatus(
                machine,
                fields
                  .map(
                    (field) =>
                      `${field} is ${sorted(at(machine.spec, field))}, the template says ${sorted(wanted[field])}`,
                  )
                  .join("; "),
              ),
            ),
        },
      ];
    }),
};

/** JSON with its keys in order; empty values are nothing. */
function sorted(value: unknown): string {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return "not set";
  return JSON.stringify(value, (_, below: unknown) =>
    typeof below === "object" && below !== null && !Array.isArray(below)
      ? Object.fromEntries(Object.entries(below).sort(([one], [other]) => (one < other ? -1 : 1)))
      : below,
  );
}

export const preflightHolds: Diagnosis = {
  id: "workers-held-back",
  severity: "warning",
  means:
    "Cluster API makes no new worker while the control plane changes its version (the check ControlPlaneIsStable). Where the versions are only spelled differently it waits for ever.",
  remedy:
    "wait until the control plane is through; if it is, see that the MachineDeployment has the annotation machineset.cluster.x-k8s.io/skip-preflight-checks, as this project's charts set it",
  find: (the) =>
    all(the, "MachineSet").flatMap((set): Found[] => {
      const condition = conditionsOf(set).find(
        ({ status, reason = "", message = "" }) =>
          status !== "True" && (/Preflight/i.test(reason) || /ControlPlaneIsStable|preflight/i.test(message)),
      );
      if (condition === undefined) return [];
      return [
        {
          subject: nameOf(set),
          cluster: clusterOf(set),
          cause: `${set.metadata.name} makes no machine: ${condition.message ?? condition.reason}`,
          evidence: [ofCondition(set, condition)],
        },
      ];
    }),
};

export const remediationStopped: Diagnosis = {
  id: "remediation-stopped",
  severity: "warning",
  means:
    "So many workers are unwell that Cluster API replaces none: a fault of all of them is rarely mended by new machines.",
  remedy:
    "look for what they have in common (network, endpoint, Prism Element) and mend that; replacing goes on by itself below the threshold",
  find: (the) =>
    all(the, "MachineHealthCheck").flatMap((check): Found[] => {
      const condition = falseOf(check, "RemediationAllowed");
      if (condition === undefined) return [];
      const cause = `${check.metadata.name} replaces no machine: ${condition.message ?? condition.reason ?? "too many are unwell"}`;
      return [{ subject: nameOf(check), cluster: clusterOf(check), cause, evidence: [ofCondition(check, condition)] }];
    }),
};
