/** Machines that do not become nodes, and endpoints that do not answer. */
import { conditionOf, conditionsOf } from "../../kubernetes/conditions.ts";
import { at, type KubernetesObject, numberAt, textAt } from "../../kubernetes/object.ts";
import {
  conditionEvidence,
  type Diagnosis,
  type Evidence,
  eventEvidence,
  forEachObject,
  logEvidence,
  statusEvidence,
} from "./finding.ts";
import {
  clusterOf,
  controlPlaneUp,
  type DiagnosisInput,
  eventsOf,
  falseCondition,
  logLines,
  machineOf,
  minutesSince,
  namePattern,
  objectNamed,
  objectsOf,
} from "./input.ts";

/** Minutes that a machine may take from its address to its node, and to wait for its bootstrap data. */
const JOIN_MINUTES = 10;
const BOOTSTRAP_MINUTES = 5;

export const noAddress: Diagnosis = {
  id: "vm-without-address",
  severity: "error",
  description:
    "The virtual machine runs and has no address: the subnet has no IPAM or DHCP, its pool is exhausted, or the network of the image does not start.",
  remedy:
    "check the subnet's IPAM pool and DHCP in Prism Central, its VLAN, and the machine's console: the image needs cloud-init with a network",
  find: forEachObject(["NutanixMachine"], (machine, input) => {
    const condition = falseCondition(machine, "VMAddressesAssigned");
    if (condition === undefined) return undefined;
    return {
      cause: `the virtual machine ${machine.metadata.name} runs and has no address on its network`,
      evidence: [conditionEvidence(machine, condition), ...eventsOf(input, machine).slice(0, 1).map(eventEvidence)],
    };
  }),
};

/** `host:port` of a Cluster's control plane: its own, else that of its NutanixCluster. */
export function endpointOf(input: DiagnosisInput, cluster: KubernetesObject): string | undefined {
  const infrastructure = objectsOf(input, "NutanixCluster").find((one) => clusterOf(one) === cluster.metadata.name);
  const [endpoint] = [cluster, infrastructure].flatMap((object) => {
    const host = textAt(object?.spec, "controlPlaneEndpoint", "host");
    return host === undefined ? [] : `${host}:${numberAt(object?.spec, "controlPlaneEndpoint", "port") ?? 6443}`;
  });
  return endpoint;
}

/** Conditions that say that the management cluster cannot reach the cluster's API server. */
function connectionErrors(input: DiagnosisInput, cluster: KubernetesObject): Evidence[] {
  const { name } = cluster.metadata;
  const probe = falseCondition(cluster, "RemoteConnectionProbe");
  const planes = [...objectsOf(input, "K0smotronControlPlane"), ...objectsOf(input, "K0sControlPlane")].filter(
    (plane) => clusterOf(plane) === name || plane.metadata.name === name,
  );
  return [
    ...(probe === undefined ? [] : [conditionEvidence(cluster, probe)]),
    ...planes.flatMap((plane) =>
      conditionsOf(plane)
        .filter(({ reason = "" }) => /ClusterClientCreationFailed|KubeSystemNamespaceNotAccessible/.test(reason))
        .map((condition) => conditionEvidence(plane, condition)),
    ),
  ];
}

export const endpointUnreachable: Diagnosis = {
  id: "endpoint-unreachable",
  severity: "error",
  description:
    "The control plane endpoint of a cluster does not answer: its address is in a DHCP pool or used by another machine, no node holds it, or a firewall blocks it. Workers cannot join, and Cluster API sees no node.",
  remedy:
    "check that the address is outside every DHCP and IPAM pool and on the nodes' subnet, that no other machine uses it, and that 6443 (hosted control planes: 8132 too, standalone: 9443, 2380 and 8132 among the machines) is open from the nodes and the management cluster",
  find: forEachObject(["Cluster"], (cluster, input) => {
    const { name, deletionTimestamp } = cluster.metadata;
    const endpoint = endpointOf(input, cluster);
    const errors = connectionErrors(input, cluster);
    const isReady = (conditionOf(cluster, "Ready") ?? conditionOf(cluster, "Available"))?.status === "True";
    const isInitialized = controlPlaneUp(cluster) !== undefined;
    const probe = input.probes.find(({ address }) => address === endpoint);
    // The address may rightly be out of reach of the doctor: a failed probe counts only where all else is up.
    const isDown = errors.length > 0 || (isInitialized && !isReady && probe?.error !== undefined);
    if (endpoint === undefined || !isDown || deletionTimestamp !== undefined) return undefined;
    return {
      cause: `the control plane endpoint ${endpoint} of ${name} does not answer`,
      evidence: [
        ...errors,
        ...(probe === undefined
          ? []
          : [{ what: "probe" as const, of: endpoint, text: probe.error ?? "answers from where the doctor runs" }]),
      ],
    };
  }),
};

export const nodeDoesNotJoin: Diagnosis = {
  id: "node-does-not-join",
  severity: "error",
  description:
    "The virtual machine runs with an address, and does not join as a node: it cannot download k0s (no internet, no DNS, no proxy set), cannot reach the endpoint, its image has no cloud-init, or its token was rejected.",
  remedy:
    "open the machine's console, or log in by `ssh`: `journalctl -u cloud-final`, then `journalctl -u k0sworker` (k0scontroller); check from there `curl -k https://ENDPOINT:6443/version`, DNS, and the download of k0s from GitHub",
  yieldsTo: "subject",
  find: forEachObject(["Machine"], (machine, input) => {
    const { name, deletionTimestamp } = machine.metadata;
    if (deletionTimestamp !== undefined || textAt(machine.status, "nodeRef", "name")) return undefined;
    const infrastructure = objectNamed(input, "NutanixMachine", textAt(machine.spec, "infrastructureRef", "name"));
    if (infrastructure === undefined || at(infrastructure.status, "ready") !== true) return undefined;
    const provisioned =
      conditionOf(infrastructure, "VMAddressesAssigned") ?? conditionOf(infrastructure, "VMProvisioned");
    const since = provisioned?.lastTransitionTime ?? infrastructure.metadata.creationTimestamp;
    const minutes = minutesSince(input, since);
    if (since === undefined || minutes < JOIN_MINUTES) return undefined;
    return {
      cause: `${name} has run for ${Math.round(minutes)} minutes and has not joined as a node`,
      evidence: [
        { ...statusEvidence(infrastructure, "ready, with an address"), since },
        ...eventsOf(input, machine).slice(0, 1).map(eventEvidence),
      ],
    };
  }),
};

export const joinTokenMissing: Diagnosis = {
  id: "join-token-missing",
  severity: "error",
  description:
    "k0smotron has created no bootstrap data for a machine: it cannot create a join token, mostly because it cannot reach the control plane of the cluster. CAPX waits for it before it creates the virtual machine.",
  remedy: "read the log of the k0smotron controller, and check the control plane first: it issues the tokens",
  find: forEachObject(["NutanixMachine"], (machine, input) => {
    const waiting = falseCondition(machine, "VMProvisioned");
    const { name } = machine.metadata;
    const owner = machineOf(machine) ?? name;
    const config = objectNamed(input, "K0sWorkerConfig", owner);
    const failed =
      config && conditionsOf(config).find(({ reason = "" }) => /DataSecretGenerationFailed|InternalError/.test(reason));
    const isLate =
      waiting?.reason === "BootstrapDataNotReady" &&
      minutesSince(input, waiting.lastTransitionTime) >= BOOTSTRAP_MINUTES;
    if (waiting === undefined || (!isLate && failed === undefined)) return undefined;
    return {
      cause: `k0smotron has created no join token for ${owner}`,
      evidence: [
        conditionEvidence(machine, waiting),
        ...(config && failed ? [conditionEvidence(config, failed)] : []),
        ...logLines(input, "k0smotron", namePattern(name, owner)).slice(-1).map(logEvidence),
      ],
    };
  }),
};
