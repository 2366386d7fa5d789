import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { type InjectedFailure, MACHINE_FAILURES } from "./failures.ts";
import { PLAYED_STATUS } from "./status-writer.ts";

const MACHINES = "/apis/cluster.x-k8s.io/v1beta1";
const INFRASTRUCTURE = "/apis/infrastructure.cluster.x-k8s.io/v1beta1";
const CLUSTER_LABEL = "cluster.x-k8s.io/cluster-name";
const FINALIZER = "infrastructure.cluster.x-k8s.io/nutanixmachine";

interface ClusterKey {
  readonly namespace: string;
  readonly name: string;
}

/** Plays the one worker of a cluster that something happens to. Without such a failure the sandbox makes no machine. */
export class MachineController {
  private readonly client: KubernetesClient;
  /** The failure that each cluster's worker was last made for. */
  private readonly createdFor = new Map<string, string>();

  constructor(client: KubernetesClient) {
    this.client = client;
  }

  /** Makes the worker, or takes it away. */
  async reconcile(place: ClusterKey, failures: ReadonlySet<InjectedFailure>): Promise<void> {
    const key = `${place.namespace}/${place.name}`;
    const failure = MACHINE_FAILURES.find((name) => failures.has(name)) ?? "";
    if (this.createdFor.get(key) === failure) return;
    // One of a process before this one is not known of.
    if (this.createdFor.get(key) !== "") await this.remove(place, failures);
    if (failure !== "") await this.create(place, failure);
    this.createdFor.set(key, failure);
  }

  /** True when no machine is left: CAPX has deleted the virtual ones, which it cannot with the failure vm-not-deleted. */
  async remove(place: ClusterKey, failures: ReadonlySet<InjectedFailure>): Promise<boolean> {
    const path = this.pathOf(place, "nutanixmachines");
    const machine = await this.client.get(path);
    if (machine === undefined) return true;
    await this.client.delete(this.pathOf(place, "machines"));
    if (!machine.metadata.deletionTimestamp) await this.client.delete(path);
    if (failures.has("vm-not-deleted")) return false;
    await this.client.merge(path, { metadata: { finalizers: [] } }).catch(() => undefined);
    this.createdFor.delete(`${place.namespace}/${place.name}`);
    return true;
  }

  private async create({ namespace, name }: ClusterKey, failure: string): Promise<void> {
    const spec = await this.templateOf(namespace, name);
    const metadata = { name: nameOf(name), namespace, labels: { [CLUSTER_LABEL]: name } };
    const version = "infrastructure.cluster.x-k8s.io/v1beta1";
    const machine = await this.client.apply(
      {
        apiVersion: "cluster.x-k8s.io/v1beta1",
        kind: "Machine",
        metadata,
        spec: {
          clusterName: name,
          bootstrap: { dataSecretName: `${metadata.name}-bootstrap` },
          infrastructureRef: { apiVersion: version, kind: "NutanixMachine", name: metadata.name, namespace },
        },
      },
      { path: this.pathOf({ namespace, name }, "machines") },
    );
    const owner = {
      apiVersion: "cluster.x-k8s.io/v1beta1",
      kind: "Machine",
      name: metadata.name,
      uid: machine.metadata.uid,
    };
    await this.client.apply(
      {
        apiVersion: version,
        kind: "NutanixMachine",
        metadata: {
          ...metadata,
          annotations: { [PLAYED_STATUS]: failure },
          finalizers: [FINALIZER],
          ownerReferences: [owner],
        },
        spec,
      },
      { path: this.pathOf({ namespace, name }, "nutanixmachines") },
    );
  }

  /** What a machine of the cluster's workers is made of. */
  private async templateOf(namespace: string, name: string): Promise<unknown> {
    type Template = KubernetesObject<{ template: { spec: unknown } }>;
    const labelSelector = `helm.toolkit.fluxcd.io/name=${name}`;
    const templates = await this.client.list<Template>(
      { ...KINDS.NutanixMachineTemplate, namespace },
      { labelSelector },
    );
    const template = templates.find(({ metadata }) => metadata.name.includes("worker")) ?? templates[0];
    return template?.spec?.template.spec;
  }

  private pathOf({ namespace, name }: ClusterKey, plural: "machines" | "nutanixmachines"): string {
    const root = plural === "machines" ? MACHINES : INFRASTRUCTURE;
    return `${root}/namespaces/${namespace}/${plural}/${nameOf(name)}`;
  }
}

function nameOf(cluster: string): string {
  return `${cluster}-md-sandbox`;
}
