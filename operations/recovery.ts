/** What can be done about a cluster that is stuck, the safe steps first; nothing here does it. */

import { type KubernetesObject, textAt } from "../kubernetes/object.ts";
import { holderOf } from "./diagnoses/deletion.ts";
import { terminalMessage } from "./diagnoses/failed-machines.ts";
import { all, clusterOf, conditionOf, type DiagnosisInput, minutesSince, named } from "./diagnoses/input.ts";

/** One thing to do; `says` is told before it is done. */
export type Step =
  | { readonly does: "delete-machine"; readonly machine: string; readonly says: string }
  | { readonly does: "retry-release"; readonly release: string; readonly says: string }
  | { readonly does: "drop-finalizers"; readonly machine: string; readonly says: string }
  | { readonly does: "reset"; readonly cluster: string; readonly says: string };

export interface RecoveryPlan {
  readonly steps: readonly Step[];
  /** What is not done, and what would have to be said for it. */
  readonly withheld: readonly string[];
}

export interface RecoveryWishes {
  readonly cluster: string;
  /** Remove the whole ClusterDeployment, and deploy it again. */
  readonly reset: boolean;
  /** Take finalizers of machines away that CAPX does not take away itself. */
  readonly force: boolean;
}

/** Minutes after which a machine's deletion counts as stuck. */
const STUCK = 5;

/** Safe steps where there are any; else, or where it is wished, a reset; finalizers only where they are forced. */
export function planRecovery(the: DiagnosisInput, wishes: RecoveryWishes): RecoveryPlan {
  const { cluster, force } = wishes;
  const deployment = named(the, "ClusterDeployment", cluster);
  const isLeaving = deployment?.metadata.deletionTimestamp !== undefined;
  const safe = isLeaving ? [] : [...machinesToDelete(the, cluster), ...releaseToRetry(the, cluster)];
  const stuck = all(the, "NutanixMachine").filter((machine) => clusterOf(machine) === cluster && isStuck(the, machine));
  const forced = force ? stuck.map(finalizersOf) : [];
  const refused = force ? [] : stuck.map((machine) => `${finalizersOf(machine).says}: only with --force`);
  if (deployment === undefined || isLeaving) return { steps: forced, withheld: refused };
  const resets = planReset(the, deployment, wishes.reset || safe.length + stuck.length === 0, wishes.reset);
  return {
    steps: wishes.reset ? [...forced, ...resets.steps] : [...safe, ...forced, ...resets.steps],
    withheld: [...refused, ...resets.withheld],
  };
}

/** CAPX looks at a machine no more once it has given it up: its MachineSet makes another in its place. */
function machinesToDelete(the: DiagnosisInput, cluster: string): Step[] {
  return all(the, "NutanixMachine").flatMap((infrastructure): Step[] => {
    const failure = terminalMessage(infrastructure);
    const name = infrastructure.metadata.ownerReferences?.find(({ kind }) => kind === "Machine")?.name;
    const machine = named(the, "Machine", name);
    const isOurs = clusterOf(infrastructure) === cluster && infrastructure.metadata.deletionTimestamp === undefined;
    // A control plane machine is etcd's too: k0smotron replaces it, and nobody else.
    const isWorker = machine?.metadata.labels?.["cluster.x-k8s.io/control-plane"] === undefined;
    if (failure === undefined || name === undefined || !isOurs || !isWorker) return [];
    return [
      {
        does: "delete-machine",
        machine: name,
        says: `delete the Machine ${name}, which CAPX has given up (${failure}); its MachineDeployment makes another`,
      },
    ];
  });
}

/** Flux stops after some failed tries. */
function releaseToRetry(the: DiagnosisInput, cluster: string): Step[] {
  const release = named(the, "HelmRelease", cluster);
  const verdict = release && conditionOf(release, "Ready");
  if (verdict?.status !== "False") return [];
  return [
    {
      does: "retry-release",
      release: cluster,
      says: `let Flux try the HelmRelease ${cluster} again (${verdict.reason ?? "it failed"})`,
    },
  ];
}

function isStuck(the: DiagnosisInput, { metadata: { deletionTimestamp, finalizers = [] } }: KubernetesObject): boolean {
  return deletionTimestamp !== undefined && finalizers.length > 0 && minutesSince(the, deletionTimestamp) >= STUCK;
}

function finalizersOf(machine: KubernetesObject): Step & { does: "drop-finalizers" } {
  const { name, finalizers = [] } = machine.metadata;
  const uuid = textAt(machine.status, "vmUUID") ?? textAt(machine.spec, "providerID")?.replace(/^nutanix:\/\//, "");
  const vm = uuid === undefined ? `virtual machine ${name}, if it was made` : `virtual machine ${name} (UUID ${uuid})`;
  const whose = [...new Set(finalizers.map(holderOf))].join(", ");
  return {
    does: "drop-finalizers",
    machine: name,
    says: `take ${finalizers.join(", ")} (${whose}) away from NutanixMachine ${name}: the ${vm} stays in Prism Central, and nobody deletes it any more`,
  };
}

function planReset(
  the: DiagnosisInput,
  deployment: KubernetesObject,
  isMeant: boolean,
  isAsked: boolean,
): RecoveryPlan {
  const { name } = deployment.metadata;
  if (!isMeant) return { steps: [], withheld: [] };
  const isWell = conditionOf(deployment, "Ready")?.status === "True";
  const cluster = named(the, "Cluster", name);
  const wasUp =
    cluster &&
    ["ControlPlaneInitialized", "ControlPlaneReady"].some((type) => conditionOf(cluster, type)?.status === "True");
  if (isWell && !isAsked) return { steps: [], withheld: [] };
  if ((isWell || wasUp) && !isAsked)
    return {
      steps: [],
      withheld: [
        `removing ${name} and deploying it again: its control plane is up, and all that runs in it would be lost; only with --reset`,
      ],
    };
  const loss = isWell || wasUp ? ", with all that runs in it" : "";
  return {
    steps: [
      {
        does: "reset",
        cluster: name,
        says: `delete the ClusterDeployment ${name}${loss}, wait until its machines are gone, and deploy it again`,
      },
    ],
    withheld: [],
  };
}
