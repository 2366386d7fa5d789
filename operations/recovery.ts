/** What can be done about a cluster that is stuck, the safe steps first; nothing here does it. */
import { conditionOf } from "../kubernetes/conditions.ts";
import { at, type KubernetesObject, textAt } from "../kubernetes/object.ts";
import type { Manifest } from "../manifests/manifest.ts";
import { nutanixCluster } from "../manifests/nutanix-cluster-object.ts";
import { finalizerOwner, isStuck } from "./diagnoses/deletion.ts";
import { failureMessage } from "./diagnoses/failed-machines.ts";
import {
  clusterOf,
  controlPlaneUp,
  type DiagnosisInput,
  falseCondition,
  machineOf,
  objectNamed,
  objectsOf,
} from "./diagnoses/input.ts";
import { type MissingNutanixCluster, missingNutanixCluster } from "./diagnoses/nutanix-cluster.ts";

/** One step; `description` is printed before it is done. */
export type RecoveryStep = { readonly description: string } & (
  | ({ readonly action: "restore-nutanix-cluster" } & RestoredNutanixCluster)
  | { readonly action: "delete-machine"; readonly machine: string }
  | { readonly action: "retry-release"; readonly release: string }
  | { readonly action: "remove-finalizers"; readonly machine: string }
  | { readonly action: "redeploy"; readonly cluster: string }
);

/** A NutanixCluster that is written again, with what it references. */
export interface RestoredNutanixCluster {
  readonly object: Manifest;
  /** Name of the Secret that CAPX's Secret is copied from; undefined: the cluster has no credential of its own. */
  readonly identity: string | undefined;
  /** Names of the NutanixMachines that CAPX has to look at again. */
  readonly machines: readonly string[];
  /** Whether the Cluster is being deleted: the NutanixCluster is then deleted after its machines. */
  readonly isTerminating: boolean;
}

export interface RecoveryPlan {
  readonly steps: readonly RecoveryStep[];
  /** Steps that need a flag, which is named. */
  readonly withheld: readonly string[];
}

export interface RecoveryScope {
  readonly cluster: string;
  /** Delete the whole ClusterDeployment, and deploy it again. */
  readonly reset: boolean;
  /** Remove finalizers that CAPX does not remove itself. */
  readonly force: boolean;
}

/** Safe steps where there are any, else a reset; a reset with --reset; finalizers with --force. */
export function planRecovery(input: DiagnosisInput, { cluster, reset, force }: RecoveryScope): RecoveryPlan {
  const deployment = objectNamed(input, "ClusterDeployment", cluster);
  const isTerminating = deployment?.metadata.deletionTimestamp !== undefined;
  const missing = missingNutanixCluster(input, objectNamed(input, "Cluster", cluster));
  if (missing !== undefined && !force) return planRestore(input, deployment, { ...missing, cluster });
  const safe = isTerminating ? [] : [...machinesToDelete(input, cluster), ...releaseToRetry(input, cluster)];
  const stuck = objectsOf(input, "NutanixMachine")
    .filter((machine) => clusterOf(machine) === cluster && isStuck(input, machine))
    .map(finalizersToRemove);
  const forced = force ? stuck : [];
  const withheld = force ? [] : stuck.map(({ description }) => `${description}: only with --force`);
  if (deployment === undefined || isTerminating) return { steps: forced, withheld };
  const resets =
    reset || safe.length + stuck.length === 0 ? planReset(input, deployment, reset) : { steps: [], withheld: [] };
  return {
    steps: [...(reset ? [] : safe), ...forced, ...resets.steps],
    withheld: [...withheld, ...resets.withheld],
  };
}

/** CAPX deletes no machine without the NutanixCluster, so nothing else is done before. */
function planRestore(
  input: DiagnosisInput,
  deployment: KubernetesObject | undefined,
  { cluster, name, machines }: MissingNutanixCluster & { readonly cluster: string },
): RecoveryPlan {
  if (deployment === undefined) {
    const why = "its ClusterDeployment, which has its content, does not exist; create it by hand";
    return { steps: [], withheld: [`create the NutanixCluster ${name} again: ${why}`] };
  }
  const object = nutanixCluster({ cluster, name }, at(deployment.spec, "config"));
  const isTerminating = objectNamed(input, "Cluster", cluster)?.metadata.deletionTimestamp !== undefined;
  const { secret, bundle } = referencesOf(object);
  const credential = objectNamed(input, "Credential", textAt(deployment.spec, "credential"));
  const identity = secret === undefined ? undefined : textAt(credential?.spec, "identityRef", "name");
  const parts = [`the NutanixCluster ${name}`, secret && `the Secret ${secret}`, bundle && `the ConfigMap ${bundle}`];
  const end = isTerminating ? ", and delete it after their virtual machines" : "";
  const description = `create ${parts.filter(Boolean).join(", ")} again where they do not exist, touch its NutanixMachines (${machines.length})${end}`;
  const names = machines.map(({ metadata }) => metadata.name);
  return {
    steps: [{ action: "restore-nutanix-cluster", object, identity, machines: names, isTerminating, description }],
    withheld: [],
  };
}

/** Names of the Secret and the ConfigMap that a NutanixCluster references. */
export function referencesOf({ spec }: { readonly spec?: unknown }): {
  secret?: string | undefined;
  bundle?: string | undefined;
} {
  return {
    secret: textAt(spec, "prismCentral", "credentialRef", "name"),
    bundle: textAt(spec, "prismCentral", "additionalTrustBundle", "name"),
  };
}

/** CAPX does not reconcile a failed machine: its MachineSet creates another in its place. */
function machinesToDelete(input: DiagnosisInput, cluster: string): RecoveryStep[] {
  return objectsOf(input, "NutanixMachine").flatMap((infrastructure): RecoveryStep[] => {
    const failure = failureMessage(infrastructure);
    const { deletionTimestamp } = infrastructure.metadata;
    const machine = machineOf(infrastructure);
    const labels = objectNamed(input, "Machine", machine)?.metadata.labels;
    // A control plane machine is an etcd member too: only k0smotron may replace it.
    const isWorker = labels?.["cluster.x-k8s.io/control-plane"] === undefined;
    const isInCluster = clusterOf(infrastructure) === cluster && deletionTimestamp === undefined;
    if (failure === undefined || machine === undefined || !isInCluster || !isWorker) return [];
    const description = `delete the Machine ${machine}, which has failed permanently (${failure}); its MachineDeployment creates another`;
    return [{ action: "delete-machine", machine, description }];
  });
}

/** Flux stops after some failed attempts. */
function releaseToRetry(input: DiagnosisInput, release: string): RecoveryStep[] {
  const condition = falseCondition(objectNamed(input, "HelmRelease", release), "Ready");
  if (condition === undefined) return [];
  const description = `retry the HelmRelease ${release} (${condition.reason ?? "it failed"})`;
  return [{ action: "retry-release", release, description }];
}

function finalizersToRemove({ metadata, status, spec }: KubernetesObject): RecoveryStep {
  const { name: machine, finalizers = [] } = metadata;
  const uuid = textAt(status, "vmUUID") ?? textAt(spec, "providerID")?.replace(/^nutanix:\/\//, "");
  const vm =
    uuid === undefined ? `virtual machine ${machine}, if it exists,` : `virtual machine ${machine} (UUID ${uuid})`;
  const owners = [...new Set(finalizers.map(finalizerOwner))].join(", ");
  const description = `remove ${finalizers.join(", ")} (${owners}) from NutanixMachine ${machine}: the ${vm} stays in Prism Central until you delete it there`;
  return { action: "remove-finalizers", machine, description };
}

function planReset(input: DiagnosisInput, deployment: KubernetesObject, isRequested: boolean): RecoveryPlan {
  const { name: cluster } = deployment.metadata;
  const isReady = conditionOf(deployment, "Ready")?.status === "True";
  const object = objectNamed(input, "Cluster", cluster);
  const wasUp = object !== undefined && controlPlaneUp(object) !== undefined;
  if (isReady && !isRequested) return { steps: [], withheld: [] };
  if (wasUp && !isRequested) {
    const why = "its control plane runs, and everything in the cluster would be lost";
    return { steps: [], withheld: [`delete ${cluster} and deploy it again: ${why}; only with --reset`] };
  }
  const loss = isReady || wasUp ? " and everything in it" : "";
  const description = `delete the ClusterDeployment ${cluster}${loss}, wait until its machines are deleted, and deploy it again`;
  return { steps: [{ action: "redeploy", cluster, description }], withheld: [] };
}
