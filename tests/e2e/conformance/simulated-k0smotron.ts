import { KINDS } from "../../../kubernetes/kinds.ts";
import type { ObjectReference } from "../../../kubernetes/object.ts";
import type { Cache } from "../../../sandbox/controllers/cache.ts";
import type { Line } from "../../integration/charts/helm-template.ts";
import {
  type AnyObject,
  CLUSTER_NAME,
  CORE,
  ownerOf,
  SimulatedControllers,
  type SimulationOptions,
} from "./simulated-controllers.ts";

const INFRASTRUCTURE = "infrastructure.cluster.x-k8s.io/v1beta1";
const CONTROL_PLANE = "cluster.x-k8s.io/control-plane";
const CLONED_FROM = "cluster.x-k8s.io/cloned-from-name";
const FINALIZER = "k0s.controlplane.cluster.x-k8s.io";

export interface K0smotronOptions extends SimulationOptions {
  line: Line;
  /** Text of a kubeconfig that every workload cluster gets: they all are the management cluster itself. */
  kubeconfig: string;
}

/** k0smotron as its sources and its measurement have it, without its cool-down of a minute between control plane machines. */
export class SimulatedK0smotron extends SimulatedControllers {
  /** While true, control planes stay at the version that they have. */
  holdsUpgrades = false;
  readonly #kubeconfig: string;
  readonly #bootstrap: string;
  readonly #clusters: Cache<AnyObject>;
  readonly #machines: Cache<AnyObject>;
  readonly #nutanixMachines: Cache<AnyObject>;
  readonly #templates: Cache<AnyObject>;
  readonly #hosted: Cache<AnyObject>;
  readonly #standalone: Cache<AnyObject>;
  readonly #configs: readonly Cache<AnyObject>[];

  constructor({ line, kubeconfig, ...options }: K0smotronOptions) {
    super(options);
    this.#kubeconfig = kubeconfig;
    const version = line === "1.11" ? "v1beta2" : "v1beta1";
    this.#bootstrap = `bootstrap.cluster.x-k8s.io/${version}`;
    this.#clusters = this.watch(CORE, "Cluster");
    this.#machines = this.watch(CORE, "Machine");
    this.#nutanixMachines = this.watch(INFRASTRUCTURE, "NutanixMachine");
    this.#templates = this.watch(INFRASTRUCTURE, "NutanixMachineTemplate");
    this.#hosted = this.watch(`controlplane.cluster.x-k8s.io/${version}`, "K0smotronControlPlane");
    this.#standalone = this.watch(`controlplane.cluster.x-k8s.io/${version}`, "K0sControlPlane");
    this.#configs = ["K0sControllerConfig", "K0sWorkerConfig"].map((kind) => this.watch(this.#bootstrap, kind));
  }

  simulate(): Promise<void> {
    return this.run([
      [this.#hosted, (object) => this.#reconcileHosted(object)],
      [this.#standalone, (object) => this.#reconcileStandalone(object)],
      ...this.#configs.map((cache) => [cache, (object: AnyObject) => this.#reconcileConfig(object)] as const),
    ]);
  }

  /** Bootstrap data: of workers only once there is a control plane that gives join tokens. */
  async #reconcileConfig(object: AnyObject): Promise<void> {
    const { name, namespace = "", labels } = object.metadata;
    const cluster = this.#clusters.find(labels?.[CLUSTER_NAME] ?? "", namespace);
    if (object.status?.dataSecretName || cluster === undefined) return;
    if (object.kind === "K0sWorkerConfig" && !cluster.status?.controlPlaneReady) return;
    await this.#secret(object, { name, cluster: cluster.metadata.name, value: "#cloud-config" });
    await this.status(object, { ready: true, dataSecretName: name, initialization: { dataSecretCreated: true } });
  }

  async #reconcileHosted(object: AnyObject): Promise<void> {
    const { namespace = "", deletionTimestamp } = object.metadata;
    const cluster = ownerOf(object, "Cluster");
    if (cluster === undefined || deletionTimestamp) return;
    await this.#secret(object, { name: `${cluster}-kubeconfig`, cluster, value: this.#kubeconfig });
    await this.once(`${object.metadata.uid} etcd`, () => this.#etcd(object, `kmc-${cluster}-etcd`, namespace));
    const { replicas = 1, version } = object.spec;
    await this.#controlPlaneStatus(object, { running: replicas, version: this.#versionOf(object, version) });
  }

  /** The etcd of a hosted control plane; its volumes outlive it unless they are asked to go. */
  async #etcd(object: AnyObject, name: string, namespace: string): Promise<void> {
    const { etcd = object.spec.storage?.etcd } = object.spec;
    const labels = { app: name };
    const template = {
      metadata: { labels },
      spec: { terminationGracePeriodSeconds: 0, containers: [{ name: "etcd", image: "etcd" }] },
    };
    const resources = { requests: { storage: "1Gi" } };
    const spec = {
      serviceName: name,
      replicas: object.spec.replicas > 1 ? 3 : 1,
      selector: { matchLabels: labels },
      podManagementPolicy: "Parallel",
      template,
      volumeClaimTemplates: [{ metadata: { name: "etcd-data" }, spec: { accessModes: ["ReadWriteOnce"], resources } }],
      ...(etcd?.autoDeletePVCs ? { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" } } : {}),
    };
    const metadata = { name, namespace, ownerReferences: [referenceTo(object)] };
    await this.client.create({ apiVersion: "apps/v1", kind: "StatefulSet", metadata, spec } as ObjectReference);
  }

  async #reconcileStandalone(object: AnyObject): Promise<void> {
    const { name, namespace = "", deletionTimestamp } = object.metadata;
    const cluster = this.#clusters.find(ownerOf(object, "Cluster") ?? "", namespace);
    if (cluster === undefined) return;
    const all = this.#machines.items.filter(
      ({ metadata, spec }) => metadata.namespace === namespace && spec.clusterName === cluster.metadata.name,
    );
    const own = all.filter(({ metadata }) => metadata.labels?.[CONTROL_PLANE] !== undefined);
    const active = own.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (deletionTimestamp) {
      if (own.length === 0) return this.removeFinalizer(object, FINALIZER);
      if (own.length === all.length) for (const machine of active) await this.client.delete(machine);
      return;
    }
    await this.addFinalizer(object, FINALIZER);
    await this.#secret(object, {
      name: `${cluster.metadata.name}-kubeconfig`,
      cluster: cluster.metadata.name,
      value: this.#kubeconfig,
    });
    const { replicas, version, machineTemplate } = object.spec;
    const template = machineTemplate.infrastructureRef.name;
    const isOutdated = ({ metadata }: AnyObject) =>
      this.#nutanixMachines.find(metadata.name, namespace)?.metadata.annotations?.[CLONED_FROM] !== template;
    const outdated = active.filter(isOutdated);
    const running = active.filter(({ status }) => status?.phase === "Running");
    if (running.length === own.length) {
      // One at a time: a new one first, then an old one less.
      if (active.length - outdated.length < replicas && active.length <= replicas) {
        const index = Array.from({ length: replicas + 2 }, (_, each) => each).find(
          (each) => !own.some(({ metadata }) => metadata.name === `${name}-${each}`),
        );
        await this.#createMachine(object, { name: `${name}-${index}`, cluster, template, active });
      } else if (outdated[0] !== undefined && active.length > replicas) await this.client.delete(outdated[0]);
    }
    const wanted = this.#versionOf(object, version);
    for (const machine of active)
      if (machine.spec.version !== wanted) await this.client.merge(machine, { spec: { version: wanted } });
    const [lowest] = active.map(({ spec }) => spec.version as string).sort();
    if (running.length > 0) await this.#controlPlaneStatus(object, { running: running.length, version: lowest ?? "" });
  }

  async #createMachine(
    object: AnyObject,
    {
      name,
      cluster,
      template,
      active,
    }: { name: string; cluster: AnyObject; template: string; active: readonly AnyObject[] },
  ): Promise<void> {
    const { namespace = "" } = object.metadata;
    const found = this.#templates.find(template, namespace);
    if (found === undefined) throw new Error(`NutanixMachineTemplate ${template} not found`);
    const owned = {
      name,
      namespace,
      labels: {
        [CLUSTER_NAME]: cluster.metadata.name,
        [CONTROL_PLANE]: "",
        [`${CONTROL_PLANE}-name`]: object.metadata.name,
      },
      ownerReferences: [{ ...referenceTo(object), controller: true }],
    };
    const make = (apiVersion: string, kind: string, spec: unknown, annotations = {}) =>
      this.client.create({ apiVersion, kind, metadata: { ...owned, annotations }, spec } as ObjectReference);
    const used = (domain: string) => active.filter(({ spec }) => spec.failureDomain === domain).length;
    const domains = Object.keys(cluster.status?.failureDomains ?? {}).sort((one, other) => used(one) - used(other));
    await make(INFRASTRUCTURE, "NutanixMachine", found.spec.template.spec, {
      [CLONED_FROM]: template,
      "cluster.x-k8s.io/cloned-from-groupkind": "NutanixMachineTemplate.infrastructure.cluster.x-k8s.io",
    });
    await make(this.#bootstrap, "K0sControllerConfig", { version: object.spec.version });
    await make(CORE, "Machine", {
      clusterName: cluster.metadata.name,
      version: this.#versionOf(object, object.spec.version),
      ...(domains[0] === undefined ? {} : { failureDomain: domains[0] }),
      bootstrap: { configRef: { apiVersion: this.#bootstrap, kind: "K0sControllerConfig", name, namespace } },
      infrastructureRef: { apiVersion: INFRASTRUCTURE, kind: "NutanixMachine", name, namespace },
    });
  }

  #versionOf(object: AnyObject, wanted: string): string {
    return (this.holdsUpgrades && object.status?.version) || wanted;
  }

  /** Both API versions' words: the server drops those that its version does not have. */
  async #controlPlaneStatus(
    object: AnyObject,
    { running, version }: { running: number; version: string },
  ): Promise<void> {
    const counts = ["replicas", "readyReplicas", "updatedReplicas", "availableReplicas", "upToDateReplicas"];
    await this.status(object, {
      ...(object.kind === "K0smotronControlPlane" ? { externalManagedControlPlane: true } : {}),
      ...Object.fromEntries(counts.map((key) => [key, running])),
      unavailableReplicas: 0,
      version,
      ready: true,
      initialized: true,
      initialization: { controlPlaneInitialized: true },
    });
  }

  async #secret(
    owner: AnyObject,
    { name, cluster, value }: { name: string; cluster: string; value: string },
  ): Promise<void> {
    const metadata = {
      name,
      namespace: owner.metadata.namespace ?? "",
      labels: { [CLUSTER_NAME]: cluster },
      ownerReferences: [referenceTo(owner)],
    };
    const secret = {
      apiVersion: KINDS.Secret.apiVersion,
      kind: "Secret",
      metadata,
      type: "cluster.x-k8s.io/secret",
      stringData: { value },
    };
    await this.once(`${owner.metadata.uid} ${name}`, () => this.client.create(secret));
  }
}

function referenceTo({ apiVersion, kind, metadata }: AnyObject) {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "" };
}
