/** Workers that are not created, replaced or updated. */
import { conditionsOf } from "../../kubernetes/conditions.ts";
import { at } from "../../kubernetes/object.ts";
import { canonical } from "../../policy/rules/plain-values.ts";
import { conditionEvidence, type Diagnosis, forEachObject, statusEvidence } from "./finding.ts";
import { clusterOf, falseCondition, objectsOf } from "./input.ts";

/** Fields of a NutanixMachine that come from its template. */
const TEMPLATE_FIELDS = [
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
];

function fieldText(value: unknown): string {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
    ? "not set"
    : canonical(value);
}

export const templateEdited: Diagnosis = {
  id: "template-edited-in-place",
  severity: "warning",
  description:
    "A NutanixMachineTemplate was edited. Only a template of another name rolls machines out: existing machines keep the old content, and new ones differ from them.",
  remedy:
    "make the change in the stack file and run `pulumi up`: it creates a template of another name, and the machines are replaced one by one",
  find: forEachObject(["NutanixMachineTemplate"], (template, input) => {
    const { name } = template.metadata;
    const stale = objectsOf(input, "NutanixMachine").flatMap((machine) => {
      if (machine.metadata.annotations?.["cluster.x-k8s.io/cloned-from-name"] !== name) return [];
      const fields = TEMPLATE_FIELDS.flatMap((field) => {
        const [actual, wanted] = [at(machine.spec, field), at(template.spec, "template", "spec", field)].map(fieldText);
        return actual === wanted ? [] : [{ field, text: `${field} is ${actual}, in the template ${wanted}` }];
      });
      return fields.length === 0 ? [] : [{ machine, fields }];
    });
    const [first] = stale;
    if (first === undefined) return undefined;
    return {
      cluster: clusterOf(template) ?? clusterOf(first.machine),
      cause: `the template ${name} was edited (${first.fields.map(({ field }) => field).join(", ")}), and ${stale.length} of its machines have the old content`,
      evidence: stale
        .slice(0, 3)
        .map(({ machine, fields }) => statusEvidence(machine, fields.map(({ text }) => text).join("; "))),
    };
  }),
};

export const preflightBlocks: Diagnosis = {
  id: "workers-blocked-by-preflight",
  severity: "warning",
  description:
    "Cluster API creates no worker while the control plane changes its version or reports another minor version (its checks before a MachineSet grows).",
  remedy:
    "wait until the control plane reports its new version in `status.version`; if it does not, read its conditions and the log of k0smotron",
  find: forEachObject(["MachineSet"], (set) => {
    const condition = conditionsOf(set).find(
      ({ status, reason = "", message = "" }) =>
        status !== "True" && (/Preflight/i.test(reason) || /ControlPlaneIsStable|preflight/i.test(message)),
    );
    if (condition === undefined) return undefined;
    return {
      cause: `${set.metadata.name} creates no machine: ${condition.message ?? condition.reason}`,
      evidence: [conditionEvidence(set, condition)],
    };
  }),
};

export const remediationStopped: Diagnosis = {
  id: "remediation-stopped",
  severity: "warning",
  description:
    "So many workers are unhealthy that Cluster API replaces none: new machines rarely fix a fault that all of them share.",
  remedy:
    "find what they have in common (network, endpoint, Prism Element) and fix that; remediation resumes below the threshold",
  find: forEachObject(["MachineHealthCheck"], (check) => {
    const condition = falseCondition(check, "RemediationAllowed");
    if (condition === undefined) return undefined;
    const why = condition.message ?? condition.reason ?? "too many are unhealthy";
    return {
      cause: `${check.metadata.name} replaces no machine: ${why}`,
      evidence: [conditionEvidence(check, condition)],
    };
  }),
};
