/** Faults of single versions of CAPX and k0smotron, by what they leave behind. */
import { conditionOf } from "../../kubernetes/conditions.ts";
import { at, type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import { conditionEvidence, type Diagnosis, forEachObject, statusEvidence } from "./finding.ts";
import { clusterOf, machineOf, minutesSince, objectNamed, objectsOf } from "./input.ts";

/** Minutes that CAPX may take to write the id of a machine that it has, and a machine to become a node. */
const PROVIDER_ID_MINUTES = 5;
const JOIN_MINUTES = 10;

const deleteMachine = (machine: string) =>
  `delete the Machine (\`kubectl -n kcm-system delete machine ${machine}\`): another one is created in its place`;

export const providerIdMissing: Diagnosis = {
  id: "provider-id-missing",
  severity: "error",
  description:
    "CAPX has the virtual machine of a NutanixMachine and has written no `providerID`, so that its Machine stays Provisioning. CAPX 1.10.3 does that if Prism Central is out of reach between the creation of a virtual machine and the end of its task: it finds the machine by its name later, and never writes the id.",
  remedy: `${deleteMachine("NAME")}. The MachineHealthCheck of a pool does it for workers`,
  find: forEachObject(["NutanixMachine"], (machine, input) => {
    const { metadata, status, spec } = machine;
    const provisioned = conditionOf(machine, "VMProvisioned");
    const isCreated = at(status, "ready") === true || provisioned?.status === "True";
    const since = provisioned?.lastTransitionTime ?? metadata.creationTimestamp;
    if (metadata.deletionTimestamp !== undefined || !isCreated || textAt(spec, "providerID")) return undefined;
    if (minutesSince(input, since) < PROVIDER_ID_MINUTES) return undefined;
    const owner = machineOf(machine) ?? metadata.name;
    return {
      cause: `${metadata.name} has a virtual machine and no providerID: its Machine ${owner} stays Provisioning`,
      remedy: deleteMachine(owner),
      evidence: [
        statusEvidence(machine, `spec.providerID is not set, vmUUID ${textAt(status, "vmUUID") ?? "unknown"}`),
        ...(provisioned === undefined ? [] : [conditionEvidence(machine, provisioned)]),
      ],
    };
  }),
};

export const emptyBootstrapData: Diagnosis = {
  id: "bootstrap-data-empty",
  severity: "error",
  description:
    "Two control plane Machines were created within a second, and one of them does not join. k0smotron 2.0.4 can leave the bootstrap Secret of the second one empty: its virtual machine starts without user data, and k0smotron waits for it for ever.",
  remedy: `check that the Secret is empty (\`kubectl -n kcm-system get secret NAME -o jsonpath={.data.value}\`), and ${deleteMachine("NAME")}`,
  find: forEachObject(["Machine"], (machine, input) => {
    const { name, creationTimestamp, deletionTimestamp } = machine.metadata;
    if (!isControlPlane(machine) || deletionTimestamp || textAt(machine.status, "nodeRef", "name")) return undefined;
    const twin = objectsOf(input, "Machine").find((other) => isTwin(machine, other));
    const infrastructure = objectNamed(input, "NutanixMachine", textAt(machine.spec, "infrastructureRef", "name"));
    if (twin === undefined || infrastructure === undefined || at(infrastructure.status, "ready") !== true)
      return undefined;
    if (minutesSince(input, creationTimestamp) < JOIN_MINUTES) return undefined;
    return {
      cause: `the control plane machine ${name} was created together with ${twin.metadata.name} and does not join: its bootstrap data may be empty`,
      remedy: `check that the Secret is empty (\`kubectl -n kcm-system get secret ${name} -o jsonpath={.data.value}\`), and ${deleteMachine(name)}`,
      evidence: [machine, twin].map((one) => statusEvidence(one, `created at ${one.metadata.creationTimestamp}`)),
    };
  }),
};

function isControlPlane({ metadata }: KubernetesObject): boolean {
  return metadata.labels?.["cluster.x-k8s.io/control-plane"] !== undefined;
}

/** Another control plane machine of the cluster, created at most a second apart. */
function isTwin(machine: KubernetesObject, other: KubernetesObject): boolean {
  const [one, two] = [machine, other].map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? ""));
  const isNear = Math.abs((one ?? 0) - (two ?? Number.NaN)) <= 1000;
  return machine !== other && isNear && isControlPlane(other) && clusterOf(machine) === clusterOf(other);
}
