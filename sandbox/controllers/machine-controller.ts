import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { CLUSTER_LABEL } from "../../manifests/manifest.ts";
import { type InjectedFailure, MACHINE_FAILURES } from "./failures.ts";
import { ownerOf } from "./metadata.ts";
import { keyOf } from "./simulated-kinds.ts";
import { SIMULATED_STATUS } from "./status-writer.ts";

const MACHINE = { apiVersion: "cluster.x-k8s.io/v1beta1", kind: "Machine" };
const NUTANIX_MACHINE = { apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1", kind: "NutanixMachine" };
/** Failures of a worker that has a virtual machine. */
const WITH_MACHINE: ReadonlySet<string> = new Set(["node-does-not-join", "vm-not-deleted", "vm-without-address"]);
const FINALIZER = "infrastructure.cluster.x-k8s.io/nutanixmachine";

interface ClusterKey {
  readonly namespace: string;
  readonly name: string;
}

/** Simulates the one worker of a cluster that an injected failure concerns. Without such a failure a sandbox has no machine. */
export class MachineController {
  private readonly client: KubernetesClient;
  /** The failure that each cluster's worker was last created for. */
  private readonly createdFor = new Map<string, string>();

  constructor(client: KubernetesClient) {
    this.client = client;
  }

  /** Creates the worker, or deletes it. */
  async reconcile(cluster: ClusterKey, failures: ReadonlySet<InjectedFailure>): Promise<void> {
    const key = keyOf(cluster);
    const failure = MACHINE_FAILURES.find((name) => failures.has(name)) ?? "";
    if (this.createdFor.get(key) === failure) return;
    // An earlier process may have created one.
    if (this.createdFor.get(key) !== "") await this.remove(cluster, failures);
    if (failure !== "") await this.create(cluster, failure);
    this.createdFor.set(key, failure);
  }

  /** True when no machine is left: CAPX has deleted the virtual machine, which it cannot with the failure vm-not-deleted. */
  async remove(cluster: ClusterKey, failures: ReadonlySet<InjectedFailure>): Promise<boolean> {
    const metadata = machineOf(cluster);
    const machine = await this.client.get({ ...NUTANIX_MACHINE, metadata });
    if (machine === undefined) return true;
    await this.client.delete({ ...MACHINE, metadata });
    if (!machine.metadata.deletionTimestamp) await this.client.delete(machine);
    if (failures.has("vm-not-deleted")) return false;
    await this.client.merge(machine, { metadata: { finalizers: [] } }).catch(() => undefined);
    this.createdFor.delete(keyOf(cluster));
    return true;
  }

  private async create(cluster: ClusterKey, failure: string): Promise<void> {
    const template = await this.templateOf(cluster);
    const metadata = { ...machineOf(cluster), labels: { [CLUSTER_LABEL]: cluster.name } };
    const { name, namespace } = metadata;
    const machineSpec = {
      clusterName: cluster.name,
      bootstrap: { dataSecretName: `${name}-bootstrap` },
      infrastructureRef: { ...NUTANIX_MACHINE, name, namespace },
    };
    const machine = await this.client.apply(Object.assign({ ...MACHINE, metadata }, { spec: machineSpec }));
    const spec = WITH_MACHINE.has(failure) ? { ...template, providerID: `nutanix://${name}` } : template;
    const annotations = { [SIMULATED_STATUS]: failure };
    const ownerReferences = [ownerOf(machine)];
    const owned = { ...metadata, annotations, finalizers: [FINALIZER], ownerReferences };
    await this.client.apply(Object.assign({ ...NUTANIX_MACHINE, metadata: owned }, { spec }));
  }

  /** The spec of the cluster's workers. */
  private async templateOf({ namespace, name }: ClusterKey): Promise<object | undefined> {
    type Template = KubernetesObject<{ template: { spec: object } }>;
    const labelSelector = `helm.toolkit.fluxcd.io/name=${name}`;
    const kind = { ...KINDS.NutanixMachineTemplate, namespace };
    const templates = await this.client.list<Template>(kind, { labelSelector });
    const template = templates.find(({ metadata }) => metadata.name.includes("worker")) ?? templates[0];
    return template?.spec?.template.spec;
  }
}

function machineOf({ namespace, name }: ClusterKey): ClusterKey {
  return { namespace, name: `${name}-md-sandbox` };
}
