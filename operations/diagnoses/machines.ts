/** Why CAPX makes no virtual machine: what it says of a machine, and what that means. */
import { conditionsOf } from "../conditions.ts";
import { at, type LiveObject, textAt } from "../live-object.ts";
import { all, type Case, clusterOf, eventsOf, linesOf, wholeName } from "./case.ts";
import { type Diagnosis, type Evidence, type Found, nameOf, ofCondition, ofEvent, ofStatus } from "./finding.ts";
import { firstLine } from "./management.ts";

interface Complaint {
  readonly machine: LiveObject;
  readonly text: string;
  readonly evidence: Evidence;
}

/** Where a controller gave up on an object for good; both of Cluster API's shapes have it. */
export function terminalMessage({ status }: LiveObject): string | undefined {
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
function complaints(the: Case): Complaint[] {
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
function grouped(found: readonly Complaint[], cause: (text: string, machine: LiveObject) => string): Found[] {
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

interface MachineFault {
  readonly id: string;
  readonly pattern: RegExp;
  readonly what: string;
  readonly means: string;
  readonly remedy: string;
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

const FAULTS: readonly MachineFault[] = [
  {
    id: "image-not-found",
    pattern:
      /found no image with name|more than one image found|failed to (?:find|get) image with|failed to find image with filter|system disk image .* is being deleted/i,
    what: "the image is not usable",
    means:
      "The image of the machines is not in Prism Central, is there more than once under that name, or is being deleted.",
    remedy:
      "upload the image, or name one by UUID in `machineDefaults.image`; it needs cloud-init, and the user must be allowed to see it",
  },
  {
    id: "subnet-not-found",
    pattern:
      /failed to retrieve subnet|more than one subnet found|failed to (?:find|get) subnet|at least one subnet is needed/i,
    what: "the subnet is not usable",
    means:
      "A subnet of the machines is not in Prism Central, or is there more than once under that name (names are unique on one Prism Element only).",
    remedy: "correct `machineDefaults.subnets`; where a name is there twice, write the UUID",
  },
  {
    id: "prism-element-not-found",
    pattern:
      /failed to retrieve Prism Element|more than one Prism Element|failed to (?:find|get) Prism Element|cluster name or uuid are required/i,
    what: "the Prism Element cluster is not usable",
    means:
      "The Prism Element cluster of the machines is not registered with this Prism Central, or has the same name as another, Prism Central's own included.",
    remedy: "correct `machineDefaults.cluster`; where a name is there twice, write the UUID",
  },
  {
    id: "project-not-found",
    pattern:
      /failed to retrieve project|more than one project found|failed to (?:find|get) project|searching for project|add VM .* to project/i,
    what: "the project is not usable",
    means: "The Nutanix project of the machines is not there, or the user is no member of it.",
    remedy:
      "correct `machineDefaults.project`, or add the user to the project. CAPX 1.8.0 has a known fault with projects: take a later one",
  },
  {
    id: "category-not-found",
    pattern:
      /category value .* not found|retrieving category|category identifiers? for vm|failed to retrieve category|creating category spec/i,
    what: "a category is not usable",
    means: "A category of the machines is not in Prism Central: CAPX makes only its own.",
    remedy: "make key and value in Prism Central, or correct `machineDefaults.additionalCategories`",
  },
  {
    id: "gpu-not-available",
    pattern: /no available GPUs? found|failed to get the GPU list/i,
    what: "there is no such GPU",
    means: "The Prism Element has no free GPU of the kind that the workers ask for.",
    remedy: "correct `worker.gpus`, free a GPU, or place the workers on another Prism Element",
  },
  {
    id: "storage-container-not-found",
    pattern: /failed to find storage container|storage container identifier/i,
    what: "the storage container is not usable",
    means: "A data disk names a storage container that the Prism Element does not have.",
    remedy: "correct `worker.dataDisks`",
  },
  {
    id: "machine-too-small",
    pattern: /minimum (?:systemDiskSize|memorySize|vcpus? \w+|data disk size)|invalid system disk size/i,
    what: "CAPX refuses the size",
    means:
      "CAPX makes no machine below 2 GiB of memory, 20 GiB of disk and one vCPU. This project's rules refuse that earlier: the size came in past them.",
    remedy: "correct the size in the stack file (`values` is merged in last) and run `pulumi up`",
  },
  {
    id: "out-of-resources",
    pattern:
      /insufficient|not enough|no host has enough|resource exhausted|exceed(?:s|ed)? .*quota|quota .*exceed|out of (?:memory|space)|NoHostResources/i,
    what: "Nutanix has no room",
    means:
      "The Prism Element has not enough memory, CPU or storage for the machine, or the project's quota is used up.",
    remedy: "free or add capacity, raise the project's quota, or ask for fewer or smaller machines",
  },
  {
    id: "vm-name-taken",
    pattern: /found more than one \(\d+\) vms with name|found VM with UUID \S+ but name/i,
    what: "another virtual machine has this name",
    means:
      "CAPX looks for a virtual machine of the Machine's name and takes it for its own. Two clusters of one name on one Prism Central take, and later delete, each other's machines.",
    remedy:
      "rename the cluster in the stack file (that makes a new one), or remove the other virtual machine once it is certain whose it is (`npm run orphans`)",
  },
];

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
