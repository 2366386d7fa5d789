/** Virtual machines that CAPX cannot create. */
import { conditionsOf } from "../../kubernetes/conditions.ts";
import { at, type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import {
  conditionEvidence,
  type Diagnosis,
  type Evidence,
  eventEvidence,
  firstLine,
  logEvidence,
  nameOf,
  type Observation,
  statusEvidence,
} from "./finding.ts";
import { clusterOf, type DiagnosisInput, eventsOf, logLines, machineOf, namePattern, objectsOf } from "./input.ts";
import { MACHINE_FAULTS, type MachineFault } from "./machine-faults.ts";

interface MachineError {
  readonly machine: KubernetesObject;
  readonly text: string;
  readonly evidence: Evidence;
}

/** The message of a permanent failure, in either of Cluster API's shapes. */
export function failureMessage({ status }: KubernetesObject): string | undefined {
  return textAt(status, "failureMessage") ?? textAt(status, "deprecated", "v1beta1", "failureMessage");
}

/** Reasons of conditions that are False because of something else. */
const PENDING_REASONS = new Set([
  "ClusterInfrastructureNotReady",
  "BootstrapDataNotReady",
  "ControlplaneNotInitialized",
  "Deleting",
]);

/** Errors about each machine: its failure, its conditions, its events, and CAPX's log. */
function machineErrors(input: DiagnosisInput): MachineError[] {
  return objectsOf(input, "NutanixMachine").flatMap((machine) => {
    const { metadata, status } = machine;
    const failure = failureMessage(machine);
    const unmet = conditionsOf(machine).filter(
      ({ status, reason = "", message = "" }) =>
        status === "False" && !PENDING_REASONS.has(reason) && `${reason}${message}` !== "",
    );
    const owner = machineOf(machine) ?? metadata.name;
    const isReady = at(status, "ready") === true && metadata.deletionTimestamp === undefined;
    const lines = isReady ? [] : logLines(input, "capx", namePattern(metadata.name, owner));
    const errors = lines.filter(({ line }) => /error|fail/i.test(line)).slice(-3);
    return [
      ...(failure === undefined
        ? []
        : [{ machine, text: failure, evidence: statusEvidence(machine, `failureMessage: ${failure}`) }]),
      ...unmet.map((condition) => ({
        machine,
        text: condition.message ?? condition.reason ?? "",
        evidence: conditionEvidence(machine, condition),
      })),
      ...eventsOf(input, machine).map((event) => ({
        machine,
        text: event.message ?? "",
        evidence: eventEvidence(event),
      })),
      ...errors.map((found) => ({ machine, text: found.line, evidence: logEvidence(found) })),
    ];
  });
}

const FAILED_REMEDY =
  "CAPX does not retry this machine: after the correction delete its Machine (`npm run recover -- --cluster NAME` says which), and its MachineDeployment creates another";

/** One observation for each cluster and cause: ten machines without one image are one fault. */
function grouped(errors: readonly MachineError[], causeOf: (text: string) => string): Observation[] {
  const groups = Map.groupBy(errors, ({ machine, text }) => `${clusterOf(machine)} ${causeOf(text)}`);
  return [...groups.values()].map((group) => {
    const [{ machine, text }] = group as [MachineError];
    const count = new Set(group.map((error) => error.machine.metadata.name)).size;
    return {
      subject: nameOf(machine),
      cluster: clusterOf(machine),
      cause: `${causeOf(text)}${count === 1 ? "" : ` (${count} machines)`}`,
      evidence: group.map(({ evidence }) => evidence).slice(0, 4),
    };
  });
}

/** From the match to the end of the line: what comes before is the call's own history. */
function excerpt(text: string, pattern: RegExp): string {
  const line = text.split("\n").find((one) => pattern.test(one)) ?? text;
  return firstLine(line.slice(Math.max(0, line.search(pattern)))).replace(/[".}]+$/, "");
}

export const MACHINE_DIAGNOSES: readonly Diagnosis[] = MACHINE_FAULTS.map(
  ({ id, pattern, cause, description, remedy }: MachineFault): Diagnosis => ({
    id,
    severity: "error",
    description,
    remedy,
    find: (input) => {
      const errors = machineErrors(input).filter(({ text }) => pattern.test(text));
      const failed = errors.filter(({ machine }) => failureMessage(machine) !== undefined);
      const names = new Set(failed.map(({ machine }) => nameOf(machine)));
      return grouped(errors, (text) => `${cause}: ${excerpt(text, pattern)}`).map((found) =>
        names.has(found.subject) ? { ...found, remedy: `${remedy}. ${FAILED_REMEDY}` } : found,
      );
    },
  }),
);

export const machineFailed: Diagnosis = {
  id: "machine-failed-permanently",
  severity: "error",
  description:
    "CAPX has marked a machine as failed (`failureReason`) and does not reconcile it any more: CAPX 1.7 does that on any error during creation, even a passing one. Only a new Machine helps.",
  remedy: `fix what the message says. ${FAILED_REMEDY}`,
  yieldsTo: "subject",
  find: (input) =>
    grouped(
      machineErrors(input).filter(({ machine, text }) => failureMessage(machine) === text),
      (text) => `a machine has failed permanently: ${firstLine(text)}`,
    ),
};

export const vmFailed: Diagnosis = {
  id: "vm-creation-failed",
  severity: "error",
  description: "Nutanix did not create, start or tag a virtual machine, for a reason that no other diagnosis covers.",
  remedy: "read the task in Prism Central under the machine's name: its details say more than CAPX does",
  yieldsTo: "subject",
  find: (input) => {
    const types = /^(VMProvisioned|ProjectAssigned) is False/;
    const errors = machineErrors(input).filter(
      ({ machine, evidence }) =>
        machine.metadata.deletionTimestamp === undefined && evidence.what === "condition" && types.test(evidence.text),
    );
    return grouped(errors, (text) => `a virtual machine is not created: ${firstLine(text)}`);
  },
};
