import type { KubernetesClient } from "../../../kubernetes/client.ts";
import { KINDS } from "../../../kubernetes/kinds.ts";
import { credentialsText } from "../../../manifests/credential.ts";
import { type Mode, type Rendered, type RenderOptions, render } from "../../integration/charts/helm-template.ts";
import { eventually } from "../../support/eventually.ts";
import { type AnyObject, CORE } from "./simulated-controllers.ts";

/** Milliseconds for machines, and for the deletion, on a machine that does much else. */
const LIMIT = 300_000;

const KINDS_OF: Readonly<Record<string, readonly string[]>> = {
  [CORE]: ["Cluster", "ClusterClass", "Machine", "MachineSet", "MachineDeployment", "MachineHealthCheck"],
  "infrastructure.cluster.x-k8s.io/v1beta1": [
    ...["NutanixCluster", "NutanixClusterTemplate", "NutanixFailureDomain"],
    ...["NutanixMachine", "NutanixMachineTemplate"],
  ],
  "bootstrap.cluster.x-k8s.io/v1beta1": ["K0sWorkerConfig", "K0sWorkerConfigTemplate", "K0sControllerConfig"],
  "controlplane.cluster.x-k8s.io/v1beta1": [
    ...["K0sControlPlane", "K0sControlPlaneTemplate"],
    ...["K0smotronControlPlane", "K0smotronControlPlaneTemplate"],
  ],
  v1: ["Secret", "ConfigMap", "PersistentVolumeClaim"],
  "apps/v1": ["StatefulSet"],
};
export const NUTANIX_MACHINE = { apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1", kind: "NutanixMachine" };

export interface HelmReleaseOptions extends Omit<RenderOptions, "release"> {
  namespace: string;
  /** Changes each object that was rendered. */
  change?: (object: Rendered) => void;
}

/** A cluster as Helm installs, upgrades and uninstalls its chart, in a namespace of its own. */
export class HelmRelease {
  static #made = 0;
  /** One of its own: CAPX adopts a virtual machine of the same name, from whatever namespace. */
  readonly name = `edge${++HelmRelease.#made}`;
  readonly namespace: string;
  objects: readonly Rendered[] = [];
  readonly #client: KubernetesClient;
  readonly #mode: Mode;
  readonly #options: HelmReleaseOptions;

  constructor(client: KubernetesClient, mode: Mode, options: HelmReleaseOptions) {
    this.#client = client;
    this.#mode = mode;
    this.#options = options;
    this.namespace = options.namespace;
  }

  /** Installs it, or upgrades it to other values. */
  async apply(values: object = {}): Promise<void> {
    const base = this.#options.values as object;
    const objects = await render(`nutanix-k0s-${this.#mode}`, {
      ...this.#options,
      release: this.name,
      values: { ...base, ...values },
    });
    for (const object of objects) this.#options.change?.(object);
    if (this.objects.length === 0) await this.#prepare(objects);
    for (const object of objects) await this.#client.apply(object, { fieldManager: "helm" });
    const gone = this.objects.filter(
      (old) => !objects.some(({ kind, metadata }) => kind === old.kind && metadata.name === old.metadata.name),
    );
    for (const object of gone.filter((one) => !isKept(one))) await this.#client.delete(object);
    this.objects = objects;
  }

  /** The namespace, and the login and the bundle that the NutanixCluster names. */
  async #prepare(objects: readonly Rendered[]): Promise<void> {
    const { namespace } = this;
    await this.#client.create({ ...KINDS.Namespace, metadata: { name: namespace } });
    const cluster = objects.find(({ kind }) => /^NutanixCluster(Template)?$/.test(kind));
    const { credentialRef, additionalTrustBundle } = (cluster?.["spec"].template ?? cluster)?.spec.prismCentral ?? {};
    if (credentialRef) {
      const stringData = { credentials: credentialsText({ username: "capx", password: "capx" }) };
      await this.#client.create({ ...KINDS.Secret, metadata: { name: credentialRef.name, namespace }, stringData });
    }
    if (additionalTrustBundle) {
      const data = { "ca.crt": "" };
      await this.#client.create({
        ...KINDS.ConfigMap,
        metadata: { name: additionalTrustBundle.name, namespace },
        data,
      });
    }
  }

  list(apiVersion: string, kind: string): Promise<AnyObject[]> {
    return this.#client.list<AnyObject>({ apiVersion, kind, namespace: this.namespace });
  }

  /** The machines, once there are so many, all of them running, and the cluster is provisioned. */
  async machines(count: number): Promise<AnyObject[]> {
    const check = async () => {
      const [machines, [cluster]] = await Promise.all([this.list(CORE, "Machine"), this.list(CORE, "Cluster")]);
      if ((await this.#refusals()).length > 0) throw new Error("a machine is refused");
      const isReady = cluster?.status?.controlPlaneReady && cluster.status.infrastructureReady;
      return isReady && machines.length === count && machines.every(isRunning) && machines;
    };
    return eventually("machines", check, { limit: LIMIT, interval: 500 }).catch(async () => {
      throw new Error(`${count} machines do not run: ${(await this.#story()).join("; ")}`);
    });
  }

  /** Deletes what the chart has rendered, as often as something is refused, and waits until nothing is left. */
  async uninstall(more: () => Promise<string[]>): Promise<void> {
    let left: string[] = [];
    let stranded = 0;
    const check = async () => {
      // A ClusterClass is refused while its Cluster is there: Helm is started again.
      for (const object of this.objects.filter((one) => !isKept(one)).toReversed())
        await this.#client.delete(object).catch(() => undefined);
      const objects = await this.#leftovers();
      left = [...objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`), ...(await more())];
      // One request sees an object that another does not see any more.
      stranded = isStranded(objects) ? stranded + 1 : 0;
      if (stranded > 5) throw new Error("nothing deletes it");
      return left.length === 0;
    };
    await eventually("deletion", check, { limit: LIMIT, interval: 500 }).catch(({ message }: Error) => {
      throw new Error(`deletion leaves ${left.join(", ")} (${message})`);
    });
    await this.#client.delete({ ...KINDS.Namespace, metadata: { name: this.namespace } });
  }

  async #leftovers(): Promise<AnyObject[]> {
    const kinds = Object.entries(KINDS_OF).flatMap(([apiVersion, names]) =>
      names.map((kind) => ({ apiVersion, kind })),
    );
    const { namespace } = this;
    const found = await Promise.all(
      kinds.map(async (kind) =>
        (await this.#client.list({ ...kind, namespace }, { metadataOnly: true })).map((one) => ({ ...one, ...kind })),
      ),
    );
    return found.flat().filter(({ metadata }) => metadata.name !== "kube-root-ca.crt");
  }

  /** What CAPX says of machines that it cannot create. */
  async #refusals(): Promise<string[]> {
    const machines = await this.list(NUTANIX_MACHINE.apiVersion, NUTANIX_MACHINE.kind);
    return machines.flatMap(({ status }) => status?.failureMessage ?? []);
  }

  /** What machines wait for. */
  async #story(): Promise<string[]> {
    const [machines, clusters, refusals] = await Promise.all([
      this.list(CORE, "Machine"),
      this.list(CORE, "Cluster"),
      this.#refusals(),
    ]);
    const messages = ({ status }: AnyObject) =>
      (status?.conditions ?? [])
        .filter((one: { status: string; message?: string }) => one.status !== "True" && one.message)
        .map((one: { type: string; message: string }) => `${one.type} ${one.message}`);
    return [
      ...clusters.map((one) => `Cluster ${one.status?.phase} ${messages(one).join(", ")}`),
      ...machines.map((one) => `${one.metadata.name} ${one.status?.phase}`),
      ...new Set(refusals),
    ];
  }
}

function isRunning({ status }: AnyObject): boolean {
  return status?.phase === "Running";
}

/** Machines that wait for a NutanixCluster, and volumes without an owner, stay forever. */
function isStranded(objects: readonly AnyObject[]): boolean {
  const has = (kind: string) => objects.some((one) => one.kind === kind);
  const volumes = objects.filter(({ kind }) => kind === "PersistentVolumeClaim");
  const areOwned = volumes.every(({ metadata }) => metadata.ownerReferences || metadata.deletionTimestamp);
  return (has("NutanixMachine") && !has("NutanixCluster")) || (!areOwned && !has("StatefulSet"));
}

function isKept({ metadata }: Rendered): boolean {
  return metadata.annotations?.["helm.sh/resource-policy"] === "keep";
}
