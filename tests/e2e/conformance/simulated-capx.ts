import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KINDS } from "../../../kubernetes/kinds.ts";
import type { Cache } from "../../../sandbox/controllers/cache.ts";
import { render as renderWithHelm } from "../../../sandbox/controllers/helm-renderer.ts";
import {
  type AnyObject,
  CLUSTER_NAME,
  CORE,
  ownerOf,
  SimulatedControllers,
  type SimulationOptions,
} from "./simulated-controllers.ts";

const INFRASTRUCTURE = "infrastructure.cluster.x-k8s.io";
const API = `${INFRASTRUCTURE}/v1beta1`;
const FINALIZER = `${INFRASTRUCTURE}/finalizer`;
/** Milliseconds until Prism Central has made a category. */
const PRISM_CENTRAL = 1_000;

const FORMAT = "capx-{{.BaseOS}}-{{.K8sVersion}}-*";
const IMAGE_FILTER = `
apiVersion: v1
kind: Filter
metadata: {name: filter}
data:
  filter: {{ tpl .Values.format (dict "BaseOS" .Values.baseOS "K8sVersion" .Values.version "Template" .Template) | quote }}
`;

interface Disk {
  deviceProperties?: { deviceType: string; adapterType: string; deviceIndex?: number };
}

/** CAPX as its sources and its measurement have it, with a Prism Central that has these images, and machines that boot at once. */
export class SimulatedCapx extends SimulatedControllers {
  /** Virtual machines of Prism Central, by UUID. */
  readonly virtualMachines = new Map<string, string>();
  readonly #options: { images: readonly string[]; helm: string; directory: string };
  #filters = 0;
  readonly #clusters: Cache<AnyObject>;
  readonly #machines: Cache<AnyObject>;
  readonly #nutanixClusters: Cache<AnyObject>;
  readonly #nutanixMachines: Cache<AnyObject>;
  readonly #failureDomains: Cache<AnyObject>;

  constructor(options: SimulationOptions & { images: readonly string[]; helm: string; directory: string }) {
    super(options);
    this.#options = options;
    this.#clusters = this.watch(CORE, "Cluster");
    this.#machines = this.watch(CORE, "Machine");
    this.#nutanixClusters = this.watch(API, "NutanixCluster");
    this.#nutanixMachines = this.watch(API, "NutanixMachine");
    this.#failureDomains = this.watch(API, "NutanixFailureDomain");
  }

  simulate(): Promise<void> {
    return this.run([
      [this.#nutanixClusters, (object) => this.#reconcileCluster(object)],
      [this.#nutanixMachines, (object) => this.#reconcileMachine(object)],
    ]);
  }

  async #reconcileCluster(object: AnyObject): Promise<void> {
    const { name, namespace = "", deletionTimestamp, creationTimestamp = "" } = object.metadata;
    if (ownerOf(object, "Cluster") === undefined) return;
    const { credentialRef, additionalTrustBundle } = object.spec.prismCentral ?? {};
    const files = [
      ...(credentialRef ? [{ ...KINDS.Secret, metadata: { name: credentialRef.name, namespace } }] : []),
      ...(additionalTrustBundle
        ? [{ ...KINDS.ConfigMap, metadata: { name: additionalTrustBundle.name, namespace } }]
        : []),
    ];
    const owner = { apiVersion: API, kind: "NutanixCluster", name, uid: object.metadata.uid };
    const owned = { metadata: { ownerReferences: [owner], finalizers: [FINALIZER] } };
    for (const file of files) await this.once(`${owner.uid} ${file.kind}`, () => this.client.merge(file, owned));
    if (deletionTimestamp) {
      // By its own name, whatever the Cluster is called: with another one it finds none, and strands them.
      if (
        this.#nutanixMachines.items.some(
          ({ metadata }) => metadata.namespace === namespace && metadata.labels?.[CLUSTER_NAME] === name,
        )
      )
        return;
      for (const file of files) {
        await this.client.merge(file, { metadata: { finalizers: [] } });
        await this.client.delete(file);
      }
      return this.removeFinalizer(object, FINALIZER);
    }
    await this.addFinalizer(object, FINALIZER);
    if (Date.now() - Date.parse(creationTimestamp) < PRISM_CENTRAL) return;
    const domains: string[] = (object.spec.controlPlaneFailureDomains ?? []).map(
      (domain: { name: string }) => domain.name,
    );
    for (const domain of domains) this.#failureDomain(namespace, domain);
    const failureDomains = Object.fromEntries(domains.map((domain) => [domain, { controlPlane: true }]));
    await this.status(object, { ready: true, ...(domains.length > 0 ? { failureDomains } : {}) });
  }

  async #reconcileMachine(object: AnyObject): Promise<void> {
    const { namespace = "", deletionTimestamp, uid = "" } = object.metadata;
    const machine = this.#machines.find(ownerOf(object, "Machine") ?? "", namespace);
    if (machine === undefined) return;
    const cluster = this.#clusters.find(machine.spec.clusterName, namespace);
    const nutanixCluster = this.#nutanixClusters.find(cluster?.spec.infrastructureRef?.name, namespace);
    // "Waiting for NutanixCluster": a machine that is deleted waits too.
    if (cluster === undefined || nutanixCluster === undefined) return;
    const node = { ...KINDS.Node, metadata: { name: `${namespace}-${machine.metadata.name}` } };
    if (deletionTimestamp) {
      this.virtualMachines.delete(uid);
      await this.client.delete(node);
      return this.removeFinalizer(object, FINALIZER);
    }
    await this.addFinalizer(object, FINALIZER);
    if (object.status?.ready || !cluster.status?.infrastructureReady || !machine.spec.bootstrap?.dataSecretName) return;
    const refusal = await this.#refusal(object, machine);
    if (refusal !== undefined) return this.status(object, { failureReason: "CreateError", failureMessage: refusal });
    const domain = machine.spec.failureDomain && this.#failureDomain(namespace, machine.spec.failureDomain);
    this.virtualMachines.set(uid, `${namespace}/${machine.metadata.name}`);
    const providerID = `nutanix://${uid}`;
    const annotations = { "kwok.x-k8s.io/node": "fake" };
    await this.client.create({
      ...node,
      metadata: { ...node.metadata, annotations },
      spec: { providerID },
    } as AnyObject);
    const placed = domain
      ? { cluster: { name: null, uuid: null, ...domain.spec.prismElementCluster }, subnet: domain.spec.subnets }
      : {};
    await this.client.merge(object, { spec: { providerID, ...placed } });
    const addresses = [{ type: "InternalIP", address: addressOf(uid) }];
    await this.status(object, { ready: true, vmUUID: uid, addresses });
  }

  /** What CAPX or Prism Central has against a machine. */
  async #refusal({ spec }: AnyObject, machine: AnyObject): Promise<string | undefined> {
    const taken = ["SCSI.0", "IDE.0", ...addressesOf(spec.dataDisks ?? [])];
    const twice = taken.find((address, index) => taken.indexOf(address) !== index);
    if (twice !== undefined) return `two disks at ${twice}`;
    if (spec.imageLookup === undefined) return undefined;
    const values = { ...spec.imageLookup, version: machine.spec.version.replace("v", "") };
    const filter = await this.#imageFilter(values);
    const hasImage = this.#options.images.some((image) => filter.test(image));
    return hasImage ? undefined : `failed to find image with filter ${filter.source}`;
  }

  /** The format is a Go template, for which Helm is here, of a regular expression with Go's quotes. */
  async #imageFilter(values: { baseOS: string; format?: string; version: string }): Promise<RegExp> {
    const { helm, directory } = this.#options;
    const chart = join(directory, "image-filter");
    await mkdir(join(chart, "templates"), { recursive: true });
    await writeFile(join(chart, "Chart.yaml"), "{apiVersion: v2, name: image-filter, version: 1.0.0}\n");
    await writeFile(join(chart, "templates", "filter.yaml"), IMAGE_FILTER);
    const where = { helm, chart, release: `filter-${++this.#filters}`, namespace: "default", directory };
    const [made] = await renderWithHelm({ ...where, values: { format: FORMAT, ...values } });
    const text = made?.data?.["filter"] ?? "";
    return new RegExp(
      text.replaceAll(/\\Q(.*?)\\E/g, (_, quoted: string) => quoted.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")),
    );
  }

  #failureDomain(namespace: string, name: string): AnyObject {
    const found = this.#failureDomains.find(name, namespace);
    if (found === undefined) throw new Error(`NutanixFailureDomain ${name} not found`);
    return found;
  }
}

/** Addresses of data disks as CAPX counts them: without an index the first two of an adapter get the same, and 0 is none. */
function addressesOf(disks: readonly Disk[]): string[] {
  const next = new Map<string, number>();
  return disks.map(({ deviceProperties }) => {
    const { adapterType = "SCSI", deviceIndex = 0 } = deviceProperties ?? {};
    const first = ["SCSI", "IDE"].includes(adapterType) ? 1 : 0;
    const known = next.get(adapterType);
    next.set(adapterType, known === undefined ? first : known + 1);
    return `${adapterType}.${deviceIndex || (known ?? first)}`;
  });
}

function addressOf(uid: string): string {
  const [one = 0, other = 0] = createHash("sha256").update(uid).digest();
  return `10.1.${one}.${other}`;
}
