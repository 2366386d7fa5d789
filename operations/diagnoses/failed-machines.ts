/** Why CAPX makes no virtual machine: what it says of a machine, and what that means. */

import { conditionsOf } from "../../kubernetes/conditions.ts";
import { at, type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import { type Diagnosis, type Evidence, type Found, nameOf, ofCondition, ofEvent, ofStatus } from "./finding.ts";
import { all, clusterOf, type DiagnosisInput, eventsOf, linesOf, wholeName } from "./input.ts";
import { FAULTS, type MachineFault } from "./machine-faults.ts";
import { firstLine } from "./management-health.ts";

interface Complaint {
  readonly machine: KubernetesObject;
  readonly text: string;
  readonly evidence: Evidence;
}

/** Where a controller gave up on an object for good; both of Cluster API's shapes have it. */
export function terminalMessage({ status }: KubernetesObject): string | undefined {
  return textAt(status, "failureMessage") ?? textAt(status, "deprecated", "v1beta1", "failureMessage");
}

/** Conditions that are False because something else is still to come, and reasons that are no fault. */
const WAITS = new Set([
  "ClusterInfrastructureNotReady",
  "BootstrapDataNotReady",
  "ControlplaneNotInitialized",
  "Deleting",
]);

/** What is said against each machine: its failure, its conditions, its events, and CAPX's log, best first. */
function complaints(the: DiagnosisInput): Complaint[] {
  return all(the, "NutanixMachine").flatMap((machine) => {
    const failure = terminalMessage(machine);
    const failing = conditionsOf(machine).filter(
      ({ status, reason = "", message = "" }) =>
        status === "False" && !WAITS.has(reason) && `${reason}${message}` !== "",
    );
    const owner =
      machine.metadata.ownerReferences?.find(({ kind }) => kind === "Machine")?.name ?? machine.metadata.name;
    const names = wholeName(machine.metadata.name, owner);
    const isWell = at(machine.status, "ready") === true && machine.metadata.deletionTimestamp === undefined;
    const lines = isWell
      ? []
      : linesOf(the, "capx", names)
          .filter(({ line }) => /error|fail/i.test(line))
          .slice(-3);
    return [
      ...(failure === undefined
        ? []
        : [{ machine, text: failure, evidence: ofStatus(machine, `failureMessage: ${failure}`) }]),
      ...failing.map((condition) => ({
        machine,
        text: condition.message ?? condition.reason ?? "",
        evidence: ofCondition(machine, condition),
      })),
      ...eventsOf(the, machine).map((event) => ({ machine, text: event.message ?? "", evidence: ofEvent(event) })),
      ...lines.map(({ pod, line }) => ({
        machine,
        text: line,
        evidence: { what: "log" as const, of: `Pod ${pod}`, text: line },
      })),
    ];
  });
}

const TERMINAL_REMEDY =
  "CAPX has given the machine up: after the correction delete its Machine (`npm run recover -- --cluster NAME` says which), and its MachineDeployment makes another";

/** One finding for each cluster and text: ten machines that miss one image are one fault. */
function grouped(found: readonly Complaint[], cause: (text: string, machine: KubernetesObject) => string): Found[] {
  const groups = new Map<string, Complaint[]>();
  for (const complaint of found) {
    const key = `${clusterOf(complaint.machine)} ${cause(complaint.text, complaint.machine)}`;
    groups.set(key, [...(groups.get(key) ?? []), complaint]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const machines = [...new Set(group.map(({ machine }) => machine.metadata.name))];
    const rest = machines.length === 1 ? "" : ` (${machines.length} machines)`;
    return [
      {
        subject: nameOf(first.machine),
        cluster: clusterOf(first.machine),
        cause: `${cause(first.text, first.machine)}${rest}`,
        evidence: group.map(({ evidence }) => evidence).slice(0, 4),
      },
    ];
  });
}

/** A diagnosis of CAPX's words. */
function ofWords({ id, pattern, what, means, remedy }: MachineFault): Diagnosis {
  return {
    id,
    severity: "error",
    means,
    remedy,
    find: (the) => {
      const said = complaints(the).filter(({ text }) => pattern.test(text));
      return grouped(said, (text) => `${what}: ${essence(text, pattern)}`).map((found) =>
        said.some(({ machine }) => nameOf(machine) === found.subject && terminalMessage(machine) !== undefined)
          ? { ...found, remedy: `${remedy}. ${TERMINAL_REMEDY}` }
          : found,
      );
    },
  };
}

/** From where the pattern begins to the end of the line: what stands before is the call's own history. */
function essence(text: string, pattern: RegExp): string {
  const line = text.split("\n").find((one) => pattern.test(one)) ?? text;
  const start = line.search(pattern);
  return firstLine(line.slice(Math.max(0, start))).replace(/[".}]+$/, "");
}

export const MACHINE_DIAGNOSES: readonly Diagnosis[] = FAULTS.map(ofWords);

export const machineGivenUp: Diagnosis = {
  id: "machine-given-up",
  severity: "error",
  means:
    "CAPX has given a machine up (`failureReason`) and looks at it no more: at 1.7 any error while it is made does that, even a passing one. Only a new Machine helps.",
  remedy: `mend what the message says. ${TERMINAL_REMEDY}`,
  yieldsTo: "subject",
  find: (the) => {
    const failed = complaints(the).filter(({ machine, text }) => terminalMessage(machine) === text);
    return grouped(failed, (text) => `a machine is given up: ${firstLine(text)}`);
  },
};

export const vmFailed: Diagnosis = {
  id: "vm-creation-failed",
  severity: "error",
  means: "Nutanix did not make, start or tag a virtual machine, for a reason that no other diagnosis knows.",
  remedy: "look at the task in Prism Central under the machine's name: its detail says more than CAPX hands on",
  yieldsTo: "subject",
  find: (the) => {
    const types = /^(VMProvisioned|ProjectAssigned) is False/;
    const said = complaints(the).filter(
      ({ machine, evidence }) =>
        machine.metadata.deletionTimestamp === undefined && evidence.what === "condition" && types.test(evidence.text),
    );
    return grouped(said, (text) => `a virtual machine is not made: ${firstLine(text)}`);
  },
};
