/** All objects of the clusters at one moment: one list for each kind. */
import type { KubernetesClient } from "../kubernetes/client.ts";
import { ApiError } from "../kubernetes/errors.ts";
import { groupOf, KINDS, type KindName } from "../kubernetes/kinds.ts";
import type { KubernetesEvent, KubernetesObject } from "../kubernetes/object.ts";
import { STACK_LABEL } from "../manifests/manifest.ts";
import { NAMESPACE } from "../manifests/names.ts";

/** What a cluster is made of, in the order in which it is shown. */
export const SNAPSHOT_KINDS = [
  "ClusterDeployment",
  "Credential",
  "ClusterTemplate",
  "ServiceTemplate",
  "ProviderTemplate",
  "Management",
  "Secret",
  "HelmRelease",
  "HelmChart",
  "InfrastructureProvider",
  "Cluster",
  "MachineDeployment",
  "MachineSet",
  "Machine",
  "MachineHealthCheck",
  "K0sControlPlane",
  "K0smotronControlPlane",
  "NutanixCluster",
  "NutanixMachine",
  "Event",
] as const satisfies readonly KindName[];

/** Kinds outside the tree of a cluster that the doctor reads too. */
export const ADDITIONAL_KINDS = [
  "ConfigMap",
  "Service",
  "Pod",
  "PersistentVolumeClaim",
  "NutanixMachineTemplate",
  "K0smotronCluster",
  "K0sWorkerConfig",
  "HelmRepository",
  "MultiClusterService",
  "Release",
  "ProviderInterface",
] as const satisfies readonly KindName[];

export type SnapshotKind = (typeof SNAPSHOT_KINDS)[number];
export type AdditionalKind = (typeof ADDITIONAL_KINDS)[number];

/** A kind that could not be read. */
export interface Gap<Kind extends KindName = SnapshotKind> {
  readonly kind: Kind;
  readonly why: "not served" | "forbidden" | "failed";
  /** The API server's words. */
  readonly message: string;
}

export interface KindLists<Kind extends KindName> {
  readonly objects: Readonly<Record<Kind, readonly KubernetesObject[]>>;
  readonly gaps: readonly Gap<Kind>[];
}

export type AdditionalObjects = KindLists<AdditionalKind>;

export interface Snapshot extends KindLists<SnapshotKind> {
  readonly server: string;
  readonly namespace: string;
  /** When it was taken, RFC 3339: ages are counted from here. */
  readonly takenAt: string;
  /** Warnings that are still kept, an hour by default. */
  readonly events: readonly KubernetesEvent[];
}

/** @throws UnreachableError */
export async function readSnapshot(client: KubernetesClient, namespace = NAMESPACE): Promise<Snapshot> {
  const takenAt = new Date().toISOString();
  const { objects, gaps } = await readKinds(client, SNAPSHOT_KINDS, namespace);
  const events = objects.Event as readonly KubernetesEvent[];
  return { server: client.server, namespace, takenAt, objects: { ...objects, Event: [] }, events, gaps };
}

/** @throws UnreachableError */
export function readAdditionalObjects(client: KubernetesClient, namespace = NAMESPACE): Promise<AdditionalObjects> {
  return readKinds(client, ADDITIONAL_KINDS, namespace);
}

/** Lists each kind once. A kind that the server does not have or does not show is a gap, not an error. */
async function readKinds<Kind extends KindName>(
  client: KubernetesClient,
  kinds: readonly Kind[],
  namespace: string,
): Promise<KindLists<Kind>> {
  const gaps: Gap<Kind>[] = [];
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      const found = await listKind(client, kind, namespace);
      if (Array.isArray(found)) return [kind, found] as const;
      gaps.push({ kind, ...found });
      return [kind, []] as const;
    }),
  );
  return { objects: Object.fromEntries(lists) as unknown as KindLists<Kind>["objects"], gaps };
}

/** In the newest version that the server has. */
async function listKind(
  client: KubernetesClient,
  name: KindName,
  namespace: string,
): Promise<KubernetesObject[] | Omit<Gap, "kind">> {
  const { apiVersions, kind, namespaced, plural } = KINDS[name];
  const options = { metadataOnly: name === "Secret", ...(name === "Event" ? { fieldSelector: "type!=Normal" } : {}) };
  try {
    for (const apiVersion of apiVersions) {
      const target = { apiVersion, kind, namespace: namespaced ? namespace : undefined };
      const list = await client.listWithVersion(target, options);
      if (list !== undefined) return list.items.map((object) => shown(name, object));
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { why: error.code === 401 || error.code === 403 ? "forbidden" : "failed", message: error.message };
  }
  const group = groupOf(apiVersions[0] ?? "");
  return {
    why: "not served",
    message: `the API server does not serve ${group === "" ? plural : `${plural}.${group}`}`,
  };
}

/** What may be kept: of Secrets the metadata, of ConfigMaps which keys have a text. */
function shown(name: KindName, object: KubernetesObject): KubernetesObject {
  const { apiVersion, kind, metadata } = object;
  if (name === "K0smotronCluster") return { ...object, kind: "k0smotron Cluster" };
  // A server that cannot leave contents out sends them all the same.
  if (name === "Secret") return { apiVersion, kind, metadata };
  if (name !== "ConfigMap") return object;
  const { data = {}, binaryData = {} } = object as KubernetesObject & { binaryData?: Record<string, string> };
  const entries = Object.entries({ ...data, ...binaryData }).map(([key, text]) => [key, text === "" ? "" : "…"]);
  return { apiVersion, kind, metadata, data: Object.fromEntries(entries) };
}

/** Selects clusters; without a key: all. */
export interface Choice {
  /** `<project>.<stack>`. */
  readonly stack?: string | undefined;
  readonly cluster?: string | undefined;
}

/** The snapshot with only the ClusterDeployments (and the Clusters that outlived theirs) that are meant. Everything else stays. */
export function narrowed(snapshot: Snapshot, { stack, cluster }: Choice): Snapshot {
  const isMeant = ({ metadata }: KubernetesObject) =>
    (stack === undefined || metadata.labels?.[STACK_LABEL] === stack) &&
    (cluster === undefined || metadata.name === cluster);
  const { ClusterDeployment, Cluster } = snapshot.objects;
  const deployments = ClusterDeployment.filter(isMeant);
  const kept = new Set(deployments.map(({ metadata }) => metadata.name));
  return {
    ...snapshot,
    objects: {
      ...snapshot.objects,
      ClusterDeployment: deployments,
      Cluster: Cluster.filter((object) => kept.has(object.metadata.name) || isMeant(object)),
    },
  };
}
