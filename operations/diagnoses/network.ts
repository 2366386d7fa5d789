/** Machines that are made and do not become nodes, and endpoints at which nobody answers. */

import { conditionsOf } from "../../kubernetes/conditions.ts";
import { at, type KubernetesObject, numberAt, textAt } from "../../kubernetes/object.ts";
import { type Diagnosis, type Found, nameOf, ofCondition, ofEvent, ofStatus } from "./finding.ts";
import {
  all,
  clusterOf,
  conditionOf,
  type DiagnosisInput,
  eventsOf,
  falseOf,
  linesOf,
  minutesSince,
  wholeName,
} from "./input.ts";

/** Minutes that a machine may take from its address to its node. */
const JOIN = 10;
/** Minutes that a machine may wait for its bootstrap data. */
const BOOTSTRAP = 5;

export const noAddress: Diagnosis = {
  id: "vm-without-address",
  severity: "error",
  means:
    "The virtual machine runs and has no address: the subnet has no IPAM or DHCP, its pool is used up, or the image's network does not come up.",
  remedy:
    "look at the subnet's IPAM pool and DHCP in Prism Central, at its VLAN, and at the machine's console: the image needs cloud-init with a network",
  find: (the) =>
    all(the, "NutanixMachine").flatMap((machine): Found[] => {
      const condition = falseOf(machine, "VMAddressesAssigned");
      if (condition === undefined) return [];
      return [
        {
          subject: nameOf(machine),
          cluster: clusterOf(machine),
          cause: `the virtual machine ${machine.metadata.name} runs and has no address on its network`,
          evidence: [ofCondition(machine, condition), ...eventsOf(the, machine).slice(0, 1).map(ofEvent)],
        },
      ];
    }),
};

/** `host:port` of a Cluster's control plane: its own, else what its NutanixCluster is told. */
export function endpointOf(the: DiagnosisInput, cluster: KubernetesObject): string | undefined {
  const infrastructure = all(the, "NutanixCluster").find((one) => clusterOf(one) === cluster.metadata.name);
  const [found] = [cluster, infrastructure].flatMap((object) => {
    const host = textAt(object?.spec, "controlPlaneEndpoint", "host");
    return host === undefined ? [] : `${host}:${numberAt(object?.spec, "controlPlaneEndpoint", "port") ?? 6443}`;
  });
  return found;
}

/** What says that the workload API server cannot be reached from the management cluster. */
function probeFaults(the: DiagnosisInput, cluster: KubernetesObject) {
  const planes = [...all(the, "K0smotronControlPlane"), ...all(the, "K0sControlPlane")];
  return [
    [cluster, falseOf(cluster, "RemoteConnectionProbe")] as const,
    ...planes
      .filter((plane) => clusterOf(plane) === cluster.metadata.name || plane.metadata.name === cluster.metadata.name)
      .flatMap((plane) =>
        conditionsOf(plane)
          .filter(({ reason = "" }) => /ClusterClientCreationFailed|KubeSystemNamespaceNotAccessible/.test(reason))
          .map((condition) => [plane, condition] as const),
      ),
  ].flatMap(([object, condition]) => (condition === undefined ? [] : [ofCondition(object, condition)]));
}

export const endpointUnreachable: Diagnosis = {
  id: "endpoint-unreachable",
  severity: "error",
  means:
    "Nobody answers at a cluster's control plane endpoint: the address is in a DHCP pool or taken by another machine, nothing holds it, or a firewall stands between. Workers cannot join, and Cluster API sees no node.",
  remedy:
    "check that the address is outside every DHCP and IPAM pool and on the nodes' subnet, that nothing else answers there, and that 6443 (hosted control planes: 8132 too, standalone: 9443, 2380 and 8132 among the machines) is open from the nodes and the management cluster",
  find: (the) =>
    all(the, "Cluster").flatMap((cluster): Found[] => {
      const endpoint = endpointOf(the, cluster);
      const said = probeFaults(the, cluster);
      const isUp = (conditionOf(cluster, "Ready") ?? conditionOf(cluster, "Available"))?.status === "True";
      const isMade = ["ControlPlaneInitialized", "ControlPlaneReady"].some(
        (type) => conditionOf(cluster, type)?.status === "True",
      );
      const probe = the.probes.find(({ address }) => address === endpoint);
      // From where the doctor runs the address may be out of reach by right: alone that is a sign only where all else is up.
      const tells = said.length > 0 || (isMade && !isUp && probe?.fault !== undefined);
      if (endpoint === undefined || !tells || cluster.metadata.deletionTimestamp !== undefined) return [];
      return [
        {
          subject: nameOf(cluster),
          cluster: cluster.metadata.name,
          cause: `nobody answers at the control plane endpoint ${endpoint} of ${cluster.metadata.name}`,
          evidence: [
            ...said,
            ...(probe === undefined
              ? []
              : [{ what: "probe" as const, of: endpoint, text: probe.fault ?? "answers from where the doctor runs" }]),
          ],
        },
      ];
    }),
};

/** Since when a machine has what it needs of Nutanix; undefined while it has not. */
function equippedSince(
  the: DiagnosisInput,
  machine: KubernetesObject,
): { since: string; infrastructure: KubernetesObject } | undefined {
  const name = textAt(machine.spec, "infrastructureRef", "name");
  const infrastructure = all(the, "NutanixMachine").find(({ metadata }) => metadata.name === name);
  if (infrastructure === undefined || at(infrastructure.status, "ready") !== true) return undefined;
  const condition = conditionOf(infrastructure, "VMAddressesAssigned") ?? conditionOf(infrastructure, "VMProvisioned");
  const since = condition?.lastTransitionTime ?? infrastructure.metadata.creationTimestamp;
  return since === undefined ? undefined : { since, infrastructure };
}

export const nodeDoesNotJoin: Diagnosis = {
  id: "node-does-not-join",
  severity: "error",
  means:
    "The virtual machine is there with an address, and no node came of it: it cannot download k0s (no internet, no DNS, no proxy set), cannot reach the endpoint, its image has no cloud-init, or its token was refused.",
  remedy:
    "look at the machine's console, or log in by `ssh`: `journalctl -u cloud-final`, then `journalctl -u k0sworker` (k0scontroller); check from there `curl -k https://ENDPOINT:6443/version`, DNS, and the download of k0s from GitHub",
  find: (the) =>
    all(the, "Machine").flatMap((machine): Found[] => {
      if (machine.metadata.deletionTimestamp !== undefined || textAt(machine.status, "nodeRef", "name")) return [];
      const equipped = equippedSince(the, machine);
      if (equipped === undefined || minutesSince(the, equipped.since) < JOIN) return [];
      const minutes = Math.round(minutesSince(the, equipped.since));
      const events = eventsOf(the, machine).slice(0, 1).map(ofEvent);
      return [
        {
          subject: nameOf(machine),
          cluster: clusterOf(machine),
          cause: `${machine.metadata.name} has run for ${minutes} minutes and has not joined as a node`,
          evidence: [
            { ...ofStatus(equipped.infrastructure, "ready, with an address"), since: equipped.since },
            ...events,
          ],
        },
      ];
    }),
};

export const noBootstrapData: Diagnosis = {
  id: "no-join-token",
  severity: "error",
  means:
    "k0smotron has made no bootstrap data for a machine: it cannot make a join token, mostly because it cannot reach the cluster's control plane. CAPX makes no virtual machine before.",
  remedy: "look at the k0smotron controller's log, and at the control plane first: without one there is no token",
  find: (the) =>
    all(the, "NutanixMachine").flatMap((machine): Found[] => {
      const waits = falseOf(machine, "VMProvisioned");
      const owner = machine.metadata.ownerReferences?.find(({ kind }) => kind === "Machine")?.name;
      const config = all(the, "K0sWorkerConfig").find(({ metadata }) => metadata.name === owner);
      const refused =
        config &&
        conditionsOf(config).find(({ reason = "" }) => /DataSecretGenerationFailed|InternalError/.test(reason));
      const isLate =
        waits?.reason === "BootstrapDataNotReady" && minutesSince(the, waits.lastTransitionTime) >= BOOTSTRAP;
      if (waits === undefined || (!isLate && refused === undefined)) return [];
      const lines = linesOf(the, "k0smotron", wholeName(machine.metadata.name, owner ?? machine.metadata.name));
      return [
        {
          subject: nameOf(machine),
          cluster: clusterOf(machine),
          cause: `k0smotron has made no join token for ${owner ?? machine.metadata.name}`,
          evidence: [
            ofCondition(machine, waits),
            ...(config && refused ? [ofCondition(config, refused)] : []),
            ...lines.slice(-1).map(({ pod, line }) => ({ what: "log" as const, of: `Pod ${pod}`, text: line })),
          ],
        },
      ];
    }),
};
